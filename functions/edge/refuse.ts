import { Failure } from "../../model/failures.ts";
import type { Result } from "../../model/result.ts";

/** The value that was read, or a Failure that lists every reason; its code is the first one's. */
export function valueOf<T>(result: Result<T>): T {
  if (result.ok) return result.value;
  const [first] = result.failures;
  if (!first) throw new Error("A refusal without a reason.");
  const at = first.line === undefined ? "" : `Line ${first.line}: `;
  throw new Failure(first.code, `${at}${first.message}`, { details: result.failures });
}
