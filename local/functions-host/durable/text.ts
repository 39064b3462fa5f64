import type { TypedData } from "../invoker.ts";
import type { Engine } from "./engine.ts";
import { toJsonText } from "./history/events.ts";

/** Above this an Azure Storage queue message cannot carry a payload (64 KB less encoding). */
const largePayloadBytes = 45 * 1024;
/** Longest failure text that is kept. */
const failureCharacters = 64 * 1024;

/** JSON text of what a function returned. */
export function toReturnedText(data: TypedData | undefined): string {
  if (data === undefined) return "null";
  if (data.json !== undefined) return data.json;
  if (data.bytes !== undefined) return toJsonText(Buffer.from(data.bytes).toString("base64"));
  return toJsonText(data.string ?? data.int ?? data.double);
}

/** Logs a payload that upstream would have to move out of its queue message. */
export function noticeLarge(engine: Engine, instanceId: string, what: string, text: string): void {
  if (text.length <= largePayloadBytes) return;
  engine.log({ event: "payload-large", instanceId, what, bytes: Buffer.byteLength(text) });
}

export function cutFailure(engine: Engine, instanceId: string, text: string): string {
  if (text.length <= failureCharacters) return text;
  engine.log({ event: "failure-text-cut", instanceId, characters: text.length });
  return text.slice(0, failureCharacters);
}
