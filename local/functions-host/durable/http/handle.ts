import type { DurableRequest, DurableResponse } from "../../invoker.ts";
import type { Engine } from "../engine.ts";
import { answerEmpty, answerProblem, type Call } from "./call.ts";
import { handleEntities } from "./entities.ts";
import { handleInstances } from "./instances.ts";
import { handleOrchestrators } from "./orchestrators.ts";
import { rpcPrefix, type Urls, webhookPrefix } from "./urls.ts";

/**
 * Answers the client's RPC (open: upstream's is reachable from the worker process only) and the management API
 * (needs the system key). Undefined: neither's path.
 */
export async function handleRequest(
  engine: Engine,
  urls: Urls,
  systemKey: string,
  request: DurableRequest,
): Promise<DurableResponse | undefined> {
  const prefix = [rpcPrefix, webhookPrefix].find((each) => request.url.pathname.startsWith(each));
  if (prefix === undefined) return undefined;
  if (prefix === webhookPrefix && !hasKey(request, systemKey)) return answerEmpty(401);
  const segments = decodeSegments(request.url.pathname.slice(prefix.length));
  if (segments === undefined) return answerProblem(400, "The path is not percent-encoded");
  return await route({
    engine,
    urls,
    method: request.method,
    segments,
    query: request.url.searchParams,
    headers: request.headers,
    body: Buffer.from(request.body).toString(),
  });
}

function hasKey({ url, headers }: DurableRequest, systemKey: string): boolean {
  return (url.searchParams.get("code") ?? headers["x-functions-key"]) === systemKey;
}

function decodeSegments(path: string): string[] | undefined {
  try {
    return path.split("/").filter(Boolean).map(decodeURIComponent);
  } catch {
    return undefined;
  }
}

async function route(call: Call): Promise<DurableResponse> {
  const collection = call.segments[0]?.toLowerCase();
  if (collection === "orchestrators") return await handleOrchestrators(call);
  if (collection === "instances") return handleInstances(call);
  return collection === "entities" ? handleEntities(call) : answerEmpty(404);
}
