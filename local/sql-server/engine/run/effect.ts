import type { SqlError } from "../../session.ts";

/**
 * What an error ends (Erland Sommarskog, "Error and Transaction Handling in SQL Server"): its statement, its
 * scope (batch or procedure; the transaction stays), or the whole batch with a rollback.
 */
export type Effect = "statement" | "scope" | "batch" | "batchAndTransaction";

/** Met while a statement is compiled or defines something. */
const SCOPE = new Set([
  102, 104, 107, 108, 109, 110, 111, 120, 121, 137, 156, 174, 195, 205, 206, 207, 208, 209, 213, 264, 402,
  529, 1087, 1505, 1750, 1767, 1769, 1770, 1776, 1779, 1781, 1902, 1911, 1913, 2705, 2714, 2715, 2760, 3726,
  3727, 3728, 4104, 4145, 4511, 4901, 4902, 4922, 4924, 5074, 8101, 8111, 8117, 8120, 10753, 40515,
]);

/** Conversions and lost locks take the transaction with them. */
const BATCH_AND_TRANSACTION = new Set([241, 242, 244, 245, 248, 295, 1205, 3960, 8114, 8169]);

export function effectOf(error: SqlError, thrown: boolean): Effect {
  if (thrown) return "batch";
  if (error.class >= 20 || BATCH_AND_TRANSACTION.has(error.number)) return "batchAndTransaction";
  return SCOPE.has(error.number) ? "scope" : "statement";
}

/** Found when a scope is compiled: a TRY block of the same scope does not catch it. */
export function isCompileError(error: SqlError): boolean {
  return [102, 137, 156, 195, 207, 208, 209, 213, 4104].includes(error.number);
}
