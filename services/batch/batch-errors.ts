import { Failure, type FailureCode } from "../../model/failures.ts";

/** What the two planes' clients throw: the older one has the text in the body, the message is `[object Object]`. */
interface ThrownByBatch {
  readonly code?: string;
  readonly statusCode?: number;
  readonly message?: unknown;
  readonly body?: { readonly code?: string; readonly message?: { readonly value?: string } };
}

interface KeptByBatch {
  readonly code?: string;
  readonly message?: string;
  readonly values?: readonly { readonly name?: string; readonly value?: string }[];
}

/** A provider's error may be pages of JSON. In characters. */
const longestReason = 1_000;

/** A quota that is used up and settings the service does not take are said as such; the rest may be tried again. */
export function toBatchFailure(error: unknown): unknown {
  const code = codeOf(error);
  if (error instanceof Failure || code === undefined) return error;
  // No role for this; the guard says so.
  if (code.startsWith("Authorization")) return error;
  return new Failure(toFailureCode(code, statusOf(error)), `Azure Batch: ${code}: ${textOf(error)}`, {
    cause: error,
  });
}

/** https://learn.microsoft.com/rest/api/batchservice/batch-status-and-error-codes */
function toFailureCode(code: string, status: number | undefined): FailureCode {
  if (code.includes("Quota")) return "BatchQuotaExceeded";
  return status === 400 ? "PoolRefused" : "ServiceUnavailable";
}

/** An error as Batch keeps it of pools, nodes and tasks: one line with what it names. */
export function toReason({ code, message, values = [] }: KeptByBatch): string {
  const named = values.map(({ name, value }) => `${name ?? ""}: ${value ?? ""}`);
  const text = [`${code ?? "no code"}: ${message ?? ""}`, ...named].join("; ");
  return text.replaceAll(/\s+/g, " ").slice(0, longestReason);
}

export function codeOf(error: unknown): string | undefined {
  const { code, body } = (error ?? {}) as ThrownByBatch;
  return code ?? body?.code;
}

/** The outcome, or undefined when it was refused with one of these codes. */
export async function unlessCode<T>(codes: readonly string[], act: () => Promise<T>): Promise<T | undefined> {
  try {
    return await act();
  } catch (error) {
    if (codes.includes(codeOf(error) ?? "")) return undefined;
    throw error;
  }
}

export function statusOf(error: unknown): number | undefined {
  return ((error ?? {}) as ThrownByBatch).statusCode;
}

/** First line only: the second holds request ids. */
function textOf(error: unknown): string {
  const { body, message } = error as ThrownByBatch;
  const text = body?.message?.value ?? (typeof message === "string" ? message : "");
  return text.split("\n")[0] ?? "";
}
