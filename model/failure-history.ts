import { Failure, type FailureCode, type FailureReport, failures } from "./failures.ts";

/** An error's text as it crosses into an orchestration's history: code first, short enough to stay small. */
export function toHistoryText(failure: Failure): string {
  return `[${failure.code}] ${failure.message}`.slice(0, maxHistoryText);
}

/** Exception text over 64 KB can hang an instance (azure-functions-durable-extension#502); ours stays far below. */
const maxHistoryText = 4_000;

/** The failure an orchestration caught: its own, or the text an activity threw, which the host wraps. */
export function parseFailure(error: unknown): FailureReport {
  if (error instanceof Failure) return error.toReport();
  const text = error instanceof Error ? error.message : String(error);
  const [, code, message] = /\[(\w+)\] ([\s\S]*)/.exec(text) ?? [];
  const known = code !== undefined && code in failures ? (code as FailureCode) : "InternalError";
  return new Failure(known, (message ?? text).slice(0, maxHistoryText)).toReport();
}
