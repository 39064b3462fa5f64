import { emptyAnswer } from "./front.ts";
import type { HttpAnswer } from "./rpc-http.ts";

export interface AdminActions {
  /** What `GET /admin/host/status` shows. */
  status(): Readonly<Record<string, unknown>>;
  /**
   * Starts a function by hand and does not wait for it.
   * @returns false when there is no such function, or it has an HTTP trigger of its own.
   */
  runByHand(functionName: string, input: string): boolean;
}

/** `GET /admin/host/status` and `POST /admin/functions/{name}` with `{"input": "…"}` (202), as in Azure. */
export function answerAdmin(
  method: string,
  path: string,
  body: Uint8Array,
  actions: AdminActions,
): HttpAnswer {
  if (method === "GET" && /^\/admin\/host\/status\/?$/i.test(path)) return json(actions.status());
  const name = /^\/admin\/functions\/([^/]+)\/?$/i.exec(path)?.[1];
  if (method !== "POST" || name === undefined) return emptyAnswer(404);
  const input = readInput(body);
  if (input === undefined) return emptyAnswer(400);
  return emptyAnswer(actions.runByHand(decodeURIComponent(name), input) ? 202 : 404);
}

/** Undefined when the body is not `{}`, `{"input": …}` or empty. */
function readInput(body: Uint8Array): string | undefined {
  if (body.length === 0) return "";
  try {
    const { input = "" } = JSON.parse(Buffer.from(body).toString()) as { input?: unknown };
    return typeof input === "string" ? input : JSON.stringify(input);
  } catch {
    return undefined;
  }
}

function json(value: unknown): HttpAnswer {
  return {
    status: 200,
    headers: { "content-type": "application/json; charset=utf-8" },
    body: Buffer.from(JSON.stringify(value)),
  };
}
