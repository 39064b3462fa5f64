import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { type Agent, request } from "node:https";
import { pipeline } from "node:stream/promises";

interface Exchange {
  readonly incoming: IncomingMessage;
  readonly outgoing: ServerResponse;
  /** Path and query for the service behind. */
  readonly path: string;
}

/** Where to forward to, on 127.0.0.1. */
export interface Behind {
  readonly port: number;
  readonly agent: Agent;
}

/**
 * Passes a request on and its answer back, both as they come. A connection that breaks on one side is broken on the
 * other: clients try again, as they would without a front.
 */
export async function forward({ incoming, outgoing, path }: Exchange, behind: Behind): Promise<void> {
  const { method } = incoming;
  const onward = request({
    ...{ ...behind, method, path, host: "127.0.0.1", headers: passedOn(incoming.rawHeaders) },
  });
  outgoing.once("close", () => onward.destroy());
  try {
    const [answer] = await Promise.all([answered(onward), pipeline(incoming, onward)]);
    outgoing.writeHead(answer.statusCode ?? 502, answer.statusMessage, passedOn(answer.rawHeaders));
    await pipeline(answer, outgoing);
  } catch {
    onward.destroy();
    outgoing.destroy();
  }
}

async function answered(onward: ReturnType<typeof request>): Promise<IncomingMessage> {
  const [answer] = (await once(onward, "response")) as [IncomingMessage];
  return answer;
}

/** Names and values in turn, as they were written. What concerns the connection is each connection's own. */
function passedOn(rawHeaders: readonly string[]): string[] {
  return rawHeaders.filter((_text, index) => {
    const name = rawHeaders[index - (index % 2)]?.toLowerCase();
    return name !== "connection" && name !== "keep-alive";
  });
}
