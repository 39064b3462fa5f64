import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { evaluateFormula } from "../../../local/batch/autoscale/evaluate-formula.ts";
import { isOurs, toScale } from "../../../services/batch/plan-scale.ts";

const launchedAt = new Date("2026-01-02T03:00:00Z");

/** What the formula of a run with so many nodes says, so many minutes later, with so many tasks. */
function evaluate({ nodes, most, percent, minutes, tasks }: Record<Name, number>) {
  const settings = {
    BATCH_SCALE: "autoscale",
    BATCH_SCALE_MINUTES: 5,
    BATCH_MAX_NODES: most,
    BATCH_SPOT_PERCENT: percent,
  } as const;
  const { formula = "" } = toScale(settings, nodes, launchedAt).autoScale ?? {};
  expect(isOurs(formula)).toBe(true);
  const given = { $PendingTasks: { metric: "$PendingTasks", sample: tasks } };
  const names = evaluateFormula(formula, given, launchedAt.getTime() + minutes * 60_000);
  const [dedicated, spot] = ["$TargetDedicatedNodes", "$TargetLowPriorityNodes"].map((name) =>
    Number(names.get(name)),
  );
  return { dedicated: dedicated ?? NaN, spot: spot ?? NaN };
}
type Name = "nodes" | "most" | "percent" | "minutes" | "tasks";

describe("the formula", () => {
  test("asks for a run's nodes before its tasks are counted, and for half an hour", () => {
    const run = { nodes: 4, most: 10, percent: 0, tasks: 0 };
    expect(evaluate({ ...run, minutes: 0 })).toEqual({ dedicated: 4, spot: 0 });
    expect(evaluate({ ...run, minutes: 29 })).toEqual({ dedicated: 4, spot: 0 });
    expect(evaluate({ ...run, minutes: 30 })).toEqual({ dedicated: 0, spot: 0 });
    expect(evaluate({ ...run, minutes: 30, tasks: 3 })).toEqual({ dedicated: 3, spot: 0 });
  });

  test("never asks for more than the most, whole nodes only, and for the share that is to be spot", () => {
    const count = fc.integer({ min: 0, max: 2_000 });
    const percent = fc.integer({ min: 0, max: 100 });
    const numbers = fc.record({ nodes: count, most: count, percent, minutes: count, tasks: count });
    fc.assert(
      fc.property(numbers, (given) => {
        const { dedicated, spot } = evaluate(given);
        const wanted = Math.max(given.tasks, given.minutes < 30 ? given.nodes : 0);
        expect(dedicated + spot).toBe(Math.min(given.most, wanted));
        expect(Number.isInteger(spot)).toBe(true);
        expect(Math.abs(spot - ((dedicated + spot) * given.percent) / 100)).toBeLessThanOrEqual(0.5);
      }),
    );
  });
});
