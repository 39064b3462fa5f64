import { type Account, type Json, now, type Pool, poolIdOf, recordAt, textAt } from "../account.ts";
import { toMilliseconds } from "../duration.ts";
import { BatchError, invalid } from "../errors.ts";
import { evaluateFormula } from "./evaluate-formula.ts";
import { FormulaError, FormulaSyntaxError } from "./tokens.ts";
import type { Metric, Value } from "./values.ts";

/** Pools whose size is a formula's. https://learn.microsoft.com/azure/batch/batch-automatic-scaling */

const standardInterval = "PT15M";
const shortest = 5 * 60_000;
const longest = 168 * 3_600_000;

/** @throws BatchError when the pool could not be scaled by what was given. */
export function checkAutoScale(account: Account, scaleSettings: Json): void {
  const { autoScale, fixedScale } = scaleSettings;
  if (autoScale === undefined) return;
  if (fixedScale !== undefined) throw invalid("scaleSettings", "names a fixed size and a formula");
  const { formula, interval } = toSettings(scaleSettings);
  if (interval < shortest || interval > longest) {
    throw invalid("evaluationInterval", "is between 5 minutes and 168 hours");
  }
  try {
    evaluateFormula(formula, toNames(account, undefined), now(account));
  } catch (error) {
    // What its names come to shows when it is evaluated.
    if (!(error instanceof FormulaSyntaxError)) return;
    const message = `The specified autoscaling formula has a syntax error: it ${error.message}`;
    throw new BatchError(400, "AutoScalingFormulaSyntaxError", message);
  }
}

/** Evaluates the pool's formula now and then at its interval, until it has another or none. */
export function startAutoScale(account: Account, pool: Pool): void {
  pool.autoScale?.stop();
  delete pool.autoScale;
  const settings = recordAt(pool.given, "scaleSettings");
  if (settings["autoScale"] === undefined) return;
  const { formula, interval } = toSettings(settings);
  const look = (): void => {
    if (account.stopped || pool.state !== "active") return;
    const stop = account.settings.clock.after(interval, look);
    pool.autoScale = { stop, run: evaluate(account, pool, formula) };
    account.wake();
  };
  look();
}

function evaluate(account: Account, pool: Pool, formula: string): NonNullable<Pool["autoScale"]>["run"] {
  const at = now(account);
  try {
    const names = evaluateFormula(formula, toNames(account, pool), at);
    const count = (name: string): number => Math.max(0, Math.trunc(Number(names.get(name) ?? 0)));
    pool.target = {
      dedicated: count("$TargetDedicatedNodes"),
      spot: count("$TargetLowPriorityNodes"),
      keepsBusyNodes: names.get("$NodeDeallocationOption") === "taskcompletion",
    };
    pool.resizeErrors = [];
    return { at, results: toResults(names) };
  } catch (error) {
    if (!(error instanceof FormulaError)) throw error;
    const message = `The specified autoscaling formula could not be evaluated: it ${error.message}`;
    return { at, results: "", error: { code: "AutoScalingFormulaEvaluationError", message } };
  }
}

/** As the service tells them: `$TargetDedicatedNodes=2;…`. */
function toResults(names: ReadonlyMap<string, Value>): string {
  return ["$TargetDedicatedNodes", "$TargetLowPriorityNodes", "$NodeDeallocationOption"]
    .map((name) => [name, names.get(name)] as const)
    .flatMap(([name, value]) => (typeof value === "object" ? [] : [`${name}=${value ?? ""}`]))
    .join(";");
}

function toSettings(scaleSettings: Json): { readonly formula: string; readonly interval: number } {
  const autoScale = recordAt(scaleSettings, "autoScale");
  const interval = toMilliseconds(textAt(autoScale, "evaluationInterval") ?? standardInterval);
  return { formula: textAt(autoScale, "formula") ?? "", interval: interval ?? 0 };
}

/** What a formula may read of its pool; of none: as if it were empty. */
function toNames(account: Account, pool: Pool | undefined): Readonly<Record<string, Value>> {
  const jobs = [...account.jobs.values()].filter((job) => poolIdOf(job) === pool?.id);
  const tasks = jobs.flatMap((job) => [...job.tasks.values()]);
  const count = (...states: readonly string[]): number =>
    tasks.filter(({ state }) => states.includes(state)).length;
  const nodes = [...(pool?.nodes.values() ?? [])];
  const current = (kind: "dedicated" | "spot"): number =>
    nodes.filter((node) => node.kind === kind && node.state !== "preempted").length;
  return {
    $CurrentDedicatedNodes: current("dedicated"),
    $CurrentLowPriorityNodes: current("spot"),
    $TargetDedicatedNodes: pool?.target.dedicated ?? 0,
    $TargetLowPriorityNodes: pool?.target.spot ?? 0,
    ...toMetrics({
      $ActiveTasks: count("active"),
      $RunningTasks: count("preparing", "running"),
      $PendingTasks: count("active", "preparing", "running"),
      $PreemptedNodeCount: nodes.filter(({ state }) => state === "preempted").length,
    }),
  };
}

function toMetrics(samples: Readonly<Record<string, number>>): Readonly<Record<string, Metric>> {
  return Object.fromEntries(Object.entries(samples).map(([metric, sample]) => [metric, { metric, sample }]));
}
