import { Failure } from "../../model/failures.ts";
import { toReason } from "./batch-errors.ts";
import type { Task } from "./list-tasks.ts";

/**
 * Tasks that ended without an exit code never ran: no image, no such command.
 * @throws Failure ImageUnavailable, ComputeFailed when that is so of all of them.
 */
export function checkStarts(tasks: readonly Task[]): void {
  const failures = tasks.map(({ executionInfo }) =>
    executionInfo?.exitCode === undefined ? executionInfo?.failureInfo : undefined,
  );
  const [first] = failures;
  if (!first || failures.includes(undefined)) return;
  const code = first.code?.startsWith("Container") ? "ImageUnavailable" : "ComputeFailed";
  const reason = toReason({ ...first, values: first.details ?? [] });
  throw new Failure(code, `Batch could not start the workers: ${reason}`);
}
