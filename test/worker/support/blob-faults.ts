import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { Agent, request as startRequest } from "node:https";
import { buffer } from "node:stream/consumers";
import { createFaultList, type FaultList, type Repeated } from "../../../local/sql-server/fault-list.ts";
import type { StorageFront } from "../../../local/storage/front/front.ts";
import { startWebServer, type WebRequest, type WebResponse } from "../../../local/web-server.ts";
import { createTrustedCertificates } from "../../local/trusted-certificates.ts";

type BlobEffect =
  /** Answered instead of the service. SDKs ask again after 408, 429 and 5xx, at growing intervals of seconds. */
  | { readonly kind: "refuse"; readonly status: number; readonly code: string }
  /** "before": the request never arrives. "after": it takes effect, and no byte of the answer leaves. */
  | { readonly kind: "cut"; readonly moment: "before" | "after" }
  /** Goes on its way when this resolves. */
  | { readonly kind: "hold"; readonly until: Promise<unknown> };

interface BlobFault extends Repeated {
  readonly method?: "GET" | "PUT";
  /** Part of the blob's URL path: its container, a folder, its name. */
  readonly path: string;
  readonly effect: BlobEffect;
}

/** What goes wrong between the clients and the blob service; nothing until something is added. */
export interface BlobFaults extends Omit<FaultList<BlobFault, WebRequest>, "strike"> {
  /** For the storage; its queues and tables are not disturbed. */
  readonly front: StorageFront;
}

export function createBlobFaults(): BlobFaults {
  const list = createFaultList<BlobFault, WebRequest>(
    ({ method, path }, { method: asked, url }) =>
      (method ?? asked) === asked && decodeURIComponent(url.pathname).includes(path),
  );
  return {
    add: (fault) => list.add(fault),
    clear: () => {
      list.clear();
    },
    front: async (service, port) => {
      if (service !== "blob") return undefined;
      const agent = new Agent({ keepAlive: true, port });
      const handler = (request: WebRequest): Promise<WebResponse> => passOn(request, agent);
      const server = await startWebServer({
        ...{ handler, tls: await createTrustedCertificates() },
        fault: async (request) => {
          const effect = list.strike(request)?.effect;
          return effect && meet(effect, () => handler(request));
        },
      });
      return {
        port: server.port,
        stop: async () => {
          await server.stop();
          agent.destroy();
        },
      };
    },
  };
}

async function meet(
  effect: BlobEffect,
  pass: () => Promise<unknown>,
): Promise<WebResponse | "cut" | undefined> {
  switch (effect.kind) {
    case "refuse":
      return toRefusal(effect);
    case "cut":
      if (effect.moment === "after") await pass();
      return "cut";
    case "hold":
      await effect.until;
      return undefined;
  }
}

function toRefusal({ status, code }: { readonly status: number; readonly code: string }): WebResponse {
  const headers = { "content-type": "application/xml", "x-ms-error-code": code };
  const body = `<?xml version="1.0"?><Error><Code>${code}</Code><Message>On purpose.</Message></Error>`;
  return { status, headers, body };
}

/** As it came: what is signed must not change. */
async function passOn({ method, url, headers, body }: WebRequest, agent: Agent): Promise<WebResponse> {
  const path = `${url.pathname}${url.search}`;
  const onward = startRequest({ agent, host: "127.0.0.1", path, method, headers });
  onward.end(body);
  const [answer] = (await once(onward, "response")) as [IncomingMessage];
  return {
    status: answer.statusCode ?? 502,
    headers: ofTheAnswer(answer.headers),
    body: await buffer(answer),
  };
}

/** What concerns the connection, or how the body is cut up on it, is each connection's own. */
function ofTheAnswer(headers: IncomingMessage["headers"]): Readonly<Record<string, string>> {
  const own = new Set(["connection", "keep-alive", "transfer-encoding"]);
  const rest = Object.entries(headers).filter(([name]) => !own.has(name));
  return Object.fromEntries(rest.map(([name, value]) => [name, String(value)]));
}
