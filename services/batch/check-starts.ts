import { Failure } from "../../model/failures.ts";
import { exitCode } from "../../model/worker-exit.ts";
import { toReason } from "./batch-errors.ts";
import type { Task } from "./list-tasks.ts";

/**
 * Tasks that ended without an exit code never ran: no image, no such command. Others ran, and their worker lacked
 * something.
 * @throws Failure ImageUnavailable, ComputeFailed, WorkersCouldNotStart when that is so of all of them.
 */
export function checkStarts(tasks: readonly Task[]): void {
  if (tasks.length > 0 && tasks.every(isRefusal)) {
    throw new Failure("WorkersCouldNotStart", "Every worker ended before it took a target.");
  }
  const failures = tasks.map(({ executionInfo }) =>
    executionInfo?.exitCode === undefined ? executionInfo?.failureInfo : undefined,
  );
  const [first] = failures;
  if (!first || failures.includes(undefined)) return;
  const code = first.code?.startsWith("Container") ? "ImageUnavailable" : "ComputeFailed";
  const reason = toReason({ ...first, values: first.details ?? [] });
  throw new Failure(code, `Batch could not start the workers: ${reason}`);
}

const isRefusal = ({ executionInfo }: Task): boolean => executionInfo?.exitCode === exitCode.couldNotStart;
