import { maxReportedFailures, refuse, type Refusal, type Result, succeed } from "../result.ts";
import { checkTarget, type TargetLine } from "./target-line.ts";

/**
 * Keeps targets as they are read, refusing each that is wrong or was there before: the same server and the same
 * override databases, in any case and order.
 */
export function collectTargets(read: Iterable<TargetLine | Refusal>): Result<readonly TargetLine[]> {
  const targets: TargetLine[] = [];
  const failures: Refusal[] = [];
  const firstLines = new Map<string, number>();
  for (const item of read) {
    const refusal = "code" in item ? item : (checkTarget(item) ?? checkNew(item, firstLines));
    if (refusal !== undefined) failures.push(refusal);
    else if (!("code" in item)) targets.push(item);
    if (failures.length === maxReportedFailures) break;
  }
  if (failures.length > 0) return refuse(...failures);
  if (targets.length > 0) return succeed(targets);
  return refuse({ code: "NoTargets", message: "There is no target." });
}

function checkNew(target: TargetLine, firstLines: Map<string, number>): Refusal | undefined {
  const { server, databases, line } = target;
  const names = databases.map((pair) => pair.override.toLowerCase()).sort();
  const key = [server.toLowerCase(), ...names].join("\n");
  const first = firstLines.get(key);
  if (first === undefined) {
    firstLines.set(key, line);
    return undefined;
  }
  const overrides = databases.map((pair) => `'${pair.override}'`).join(", ");
  const message = `Server '${server}' with ${overrides} is already target ${first}.`;
  return { code: "DuplicateTarget", message, line };
}
