import { expect, test } from "vitest";
import { planSweep } from "../../../functions/edge/plan-sweep.ts";
import type { RunState } from "../../../model/run.ts";
import { newRunId, sampleRun, sampleTime } from "../../support/sample-run.ts";

test.each<[RunState, number, ReturnType<typeof planSweep>]>([
  ["accepting", 299, "leave"],
  ["accepting", 301, "close"],
  ["accepted", 299, "leave"],
  ["accepted", 301, "look"],
  ["staging", 1, "look"],
  ["collecting", 90_000, "look"],
])("a run that is %s for %i s: %s", (state, seconds, step) => {
  const now = new Date(Date.parse(sampleTime) + seconds * 1_000);
  expect(planSweep(sampleRun(newRunId(), 1, { state }), now)).toBe(step);
});
