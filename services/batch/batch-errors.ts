import { Failure } from "../../model/failures.ts";

/** What the two planes' clients throw: the older one has the text in the body, the message is `[object Object]`. */
interface ThrownByBatch {
  readonly code?: string;
  readonly statusCode?: number;
  readonly message?: unknown;
  readonly body?: { readonly code?: string; readonly message?: { readonly value?: string } };
}

/** A quota that is used up is said as such; of the rest, what the service said, to be retried. */
export function toBatchFailure(error: unknown): unknown {
  const code = codeOf(error);
  if (error instanceof Failure || code === undefined) return error;
  // No role for this; the guard says so.
  if (code.startsWith("Authorization")) return error;
  const isQuota = code.includes("Quota");
  const text = `Azure Batch: ${code}: ${textOf(error)}`;
  return new Failure(isQuota ? "ComputeFailed" : "ServiceUnavailable", text, { cause: error });
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
