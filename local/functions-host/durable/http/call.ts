import type { DurableResponse } from "../../invoker.ts";
import type { Engine } from "../engine.ts";
import type { Urls } from "./urls.ts";

/** A request of the client's RPC or of the management API, without the prefix of its path. */
export interface Call {
  readonly engine: Engine;
  readonly urls: Urls;
  readonly method: string;
  /** Decoded: `["instances", "abc", "raiseEvent", "go"]`. */
  readonly segments: readonly string[];
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export function answerJson(
  status: number,
  value: unknown,
  headers: Readonly<Record<string, string>> = {},
): DurableResponse {
  const body = Buffer.from(JSON.stringify(value));
  return { status, headers: { "content-type": "application/json; charset=utf-8", ...headers }, body };
}

export function answerEmpty(status: number): DurableResponse {
  return { status, headers: {}, body: new Uint8Array() };
}

export function answerProblem(status: number, message: string): DurableResponse {
  return answerJson(status, { Message: message });
}

/** The body as JSON text; an empty one is `null`. Undefined: not JSON. */
export function readJsonText(call: Call): string | undefined {
  if (call.body.trim() === "") return "null";
  try {
    return JSON.stringify(JSON.parse(call.body));
  } catch {
    return undefined;
  }
}

export function isOn(call: Call, parameter: string, byDefault: boolean): boolean {
  const value = call.query.get(parameter);
  return value === null ? byDefault : value.toLowerCase() === "true";
}
