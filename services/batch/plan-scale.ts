import type { Pool } from "@azure/arm-batch";
import type { FunctionSettings } from "../../model/settings.ts";

type ScaleSettings = NonNullable<Pool["scaleSettings"]>;
type Settings = Pick<
  FunctionSettings,
  "BATCH_SCALE" | "BATCH_MAX_NODES" | "BATCH_SCALE_MINUTES" | "BATCH_SPOT_PERCENT"
>;

/** Tells our formula from one that somebody wrote for the pool: that one is left alone. */
const mark = "// sqlfleet";

/** How long a run's nodes are kept for it without a task: until they have started and Batch has counted its tasks. */
const keptMinutes = 30;

/** What the pool of a run with so many nodes is to be. A formula is told the nodes of this moment besides. */
export function toScale(settings: Settings, nodes: number, now: Date): ScaleSettings {
  if (settings.BATCH_SCALE === "fixed") return { fixedScale: toFixedScale(settings, nodes) };
  return {
    autoScale: {
      formula: toFormula(settings, nodes, now),
      evaluationInterval: `PT${settings.BATCH_SCALE_MINUTES}M`,
    },
  };
}

export interface Size {
  readonly targetDedicatedNodes: number;
  readonly targetLowPriorityNodes: number;
}

export function toFixedScale(
  { BATCH_SPOT_PERCENT }: Pick<Settings, "BATCH_SPOT_PERCENT">,
  nodes: number,
): Size {
  const spot = Math.round((nodes * BATCH_SPOT_PERCENT) / 100);
  return { targetDedicatedNodes: nodes - spot, targetLowPriorityNodes: spot };
}

export function isOurs(formula: string): boolean {
  return formula.startsWith(mark);
}

/**
 * As many nodes as tasks wait or run, at least what the last run asked for a while ago. Giving the pool a formula has
 * it evaluated at once; without the run's number in it, its nodes would come at the next evaluation only, as Batch
 * counts tasks twice a minute. What is counted incompletely is not averaged.
 * https://learn.microsoft.com/azure/batch/batch-automatic-scaling
 */
function toFormula({ BATCH_MAX_NODES, BATCH_SPOT_PERCENT }: Settings, nodes: number, now: Date): string {
  return [
    `${mark}: as many nodes as tasks wait or run, at least ${nodes} for ${keptMinutes} minutes`,
    `age = time() - time("${now.toISOString()}");`,
    `asked = age < TimeInterval_Minute * ${keptMinutes} ? ${nodes} : 0;`,
    "known = $PendingTasks.GetSamplePercent(TimeInterval_Minute * 5);",
    "last = max(0, $PendingTasks.GetSample(1));",
    "tasks = known < 70 ? last : max(last, max($PendingTasks.GetSample(TimeInterval_Minute * 5)));",
    `nodes = min(${BATCH_MAX_NODES}, max(asked, tasks));`,
    `spot = round(nodes * ${BATCH_SPOT_PERCENT} / 100);`,
    "$TargetDedicatedNodes = nodes - spot;",
    "$TargetLowPriorityNodes = spot;",
    "$NodeDeallocationOption = taskcompletion;",
  ].join("\n");
}
