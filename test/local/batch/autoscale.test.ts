import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { evaluateFormula } from "../../../local/batch/autoscale/evaluate-formula.ts";
import { createManualClock, type ManualClock } from "../functions-host/manual-clock.ts";
import { type LocalBatch, startLocalBatch } from "./local-batch.ts";

const patience = { timeout: 8_000, interval: 20 };
const minutes = 60_000;
const start = "2026-01-02T03:00:00.000Z";

describe("an autoscale formula", () => {
  const evaluate = (formula: string): unknown => {
    const given = { $PendingTasks: { metric: "$PendingTasks", sample: 7 }, $CurrentDedicatedNodes: 2 };
    return evaluateFormula(formula, given, Date.parse(start)).get("x");
  };

  test.each([
    ["x = 1 + 2 * 3 - 4 / 2;", 5],
    ["x = (1 + 2) * -3;", -9],
    ["x = 2 < 3 && !(1 >= 2) || 0 ? 10 : 20;", 10],
    ["x = 0 ? 1 : 0 ? 2 : 3;", 3],
    ["a = 4; // how many\n x = max(0, min(a, $CurrentDedicatedNodes, 9));", 2],
    ["x = avg($PendingTasks.GetSample(TimeInterval_Minute * 5));", 7],
    ["x = $PendingTasks.GetSamplePercent(1) < 70 ? 1 : sum($PendingTasks.GetSample(1), 1);", 8],
    ["x = round(2.5);", 3],
    ['x = time() - time("2026-01-02T02:58:00Z") < TimeInterval_Minute * 3 ? 5 : 0;', 5],
    ["x = taskcompletion;", "taskcompletion"],
  ])("%s", (formula, value) => {
    expect(evaluate(formula)).toBe(value);
  });

  test.each([
    ["x = 1", "expects ';'"],
    ["x = ;", "expects a value"],
    ["1 = x;", "expects a name"],
    ["x = 1 % 2;", "cannot be read at '% 2;'"],
    ["x =", "ends too early"],
    ["x = y;", "does not know y"],
    ["x = $PendingTasks + 1;", "use GetSample"],
    ["x = $PendingTasks.GetSample(1) + 1;", "use avg, min or max"],
    ["x = norm(1);", "norm is not imitated"],
    ["x = $PendingTasks.GetSamplePeriod();", "GetSamplePeriod is not imitated"],
    ['x = time("soon");', "time takes a text with a time"],
  ])("%s is refused", (formula, text) => {
    expect(() => evaluate(formula)).toThrow(text);
  });
});

describe("a pool that is scaled by a formula", () => {
  let local: LocalBatch;
  let clock: ManualClock;
  beforeAll(async () => {
    clock = createManualClock(start);
    local = await startLocalBatch({ clock });
  });
  afterAll(() => local.stop());

  const scaled = (formula: string, evaluationInterval = "PT5M") => ({
    scaleSettings: { autoScale: { formula, evaluationInterval } },
  });
  const byTasks = [
    "$TargetDedicatedNodes = min(2, $PendingTasks.GetSample(1));",
    "$NodeDeallocationOption = taskcompletion;",
  ].join("");
  const untilNodes = (poolId: string, count: number) =>
    vi.waitFor(async () => {
      // Nodes that are to start now wait for the clock.
      await clock.advance(0);
      const nodes = await local.byKey().computeNode.list(poolId);
      expect(nodes).toHaveLength(count);
      return nodes;
    }, patience);

  test("has the nodes its tasks need after each interval, and keeps one until its task is done", async () => {
    const poolId = await local.newPool(0, scaled(byTasks));
    await untilNodes(poolId, 0);
    const first = await local.addTask(poolId, "sleep 600");
    const second = await local.addTask(poolId, "sleep 600");
    await clock.advance(4 * minutes);
    await untilNodes(poolId, 0);
    await clock.advance(1 * minutes);
    await untilNodes(poolId, 2);
    const kept = await local.processOf(first);
    await local.processOf(second);
    await local.byKey().job.terminate(second);
    await vi.waitFor(() => {
      expect(local.batch.running()).toHaveLength(1);
    }, patience);
    await clock.advance(5 * minutes);
    expect((await untilNodes(poolId, 1)).map(({ id }) => id)).toEqual([kept.nodeId]);

    const scaleSettings = { autoScale: { formula: byTasks.replace("min(2, ", "min(0, ") } };
    await local.management().poolOperations.update("g", local.batch.accountName, poolId, { scaleSettings });
    const pool = await local.byKey().pool.get(poolId);
    expect(pool).toMatchObject({
      enableAutoScale: true,
      autoScaleEvaluationInterval: "PT15M",
      targetDedicatedNodes: 0,
      currentDedicatedNodes: 1,
      autoScaleRun: {
        results: "$TargetDedicatedNodes=0;$TargetLowPriorityNodes=0;$NodeDeallocationOption=taskcompletion",
      },
    });
    await local.byKey().job.terminate(first);
    await untilNodes(poolId, 0);
    await local.dropPool(poolId);
  });

  test("says why its formula cannot be evaluated", async () => {
    const poolId = await local.newPool(0, scaled("$TargetDedicatedNodes = $Unknown;"));
    const { autoScaleRun } = await local.byKey().pool.get(poolId);
    expect(autoScaleRun?.error).toMatchObject({ code: "AutoScalingFormulaEvaluationError" });
    await local.dropPool(poolId);
  });

  test.each([
    [scaled("$TargetDedicatedNodes = ;"), "syntax error"],
    [scaled(byTasks, "PT4M"), "5 minutes"],
    [scaled(byTasks, "P8D"), "168 hours"],
    [{ scaleSettings: { ...scaled(byTasks).scaleSettings, fixedScale: {} } }, "a fixed size and a formula"],
  ])("is not made of %j", async (given, text) => {
    await expect(local.newPool(0, given)).rejects.toMatchObject({
      statusCode: 400,
      message: expect.stringContaining(text) as string,
    });
  });
});
