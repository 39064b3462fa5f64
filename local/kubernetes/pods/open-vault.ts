import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { request, type RequestOptions } from "node:https";
import { text } from "node:stream/consumers";
import { isRecord } from "../../web-server.ts";

/** A Key Vault, as somebody. */
export interface Vault {
  /** @param version empty = the newest. @throws Error as the vault says it */
  read(name: string, version: string): Promise<string>;
}

interface Opening {
  readonly url: string;
  /** PEM, of both servers. */
  readonly ca: string;
  readonly authorityHost: string;
  readonly tenantId: string;
  readonly clientId: string;
  /** The cluster's token, which is exchanged for one of the identity. */
  readonly assertion: string;
}

/** Over https, as the driver is a program of its own with the node's trust. */
export async function openVault({ url, ca, ...login }: Opening): Promise<Vault> {
  const token = await exchangeToken(ca, login);
  return {
    read: async (name, version) => {
      const place = `${url}/secrets/${name}/${version}`;
      const headers = { authorization: `Bearer ${token}` };
      const answer = await send(`${place}?api-version=7.4`, { ca, headers });
      if (typeof answer.value["value"] === "string") return answer.value["value"];
      throw new Error(
        `failed to get objectType:secret, objectName:${name}, objectVersion:${version}: GET ${place} RESPONSE ${answer.status}: ${answer.body}`,
      );
    },
  };
}

async function exchangeToken(
  ca: string,
  { authorityHost, tenantId, clientId, assertion }: Omit<Opening, "url" | "ca">,
): Promise<string> {
  const form = new URLSearchParams({
    grant_type: "client_credentials",
    client_id: clientId,
    client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
    client_assertion: assertion,
    scope: "https://vault.azure.net/.default",
  });
  const headers = { "content-type": "application/x-www-form-urlencoded" };
  const options = { ca, headers, method: "POST" };
  const answer = await send(`${authorityHost}/${tenantId}/oauth2/v2.0/token`, options, form.toString());
  if (typeof answer.value["access_token"] === "string") return answer.value["access_token"];
  throw new Error(`failed to acquire token: ${answer.body}`);
}

interface Answer {
  readonly status: number;
  readonly body: string;
  readonly value: Readonly<Record<string, unknown>>;
}

async function send(url: string, options: RequestOptions, body?: string): Promise<Answer> {
  const sent = request(url, { ...options, agent: false }).end(body);
  const [response] = (await once(sent, "response")) as [IncomingMessage];
  const answer = await text(response);
  const value: unknown = JSON.parse(answer);
  return { status: response.statusCode ?? 0, body: answer, value: isRecord(value) ? value : {} };
}
