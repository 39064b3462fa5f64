import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { faultKinds, planFaults } from "../../local/chaos/plan-faults.ts";
import { runChaos } from "../../local/chaos/run-chaos.ts";
import { root } from "../../local/root.ts";

it("plans the same faults for the same seed, and every kind in a minute", () => {
  const plan = planFaults("a", 60);
  expect(planFaults("a", 60)).toEqual(plan);
  expect(planFaults("b", 60)).not.toEqual(plan);
  expect(new Set(plan.map(({ kind }) => kind))).toEqual(new Set(faultKinds));
  expect(plan.every(({ at }) => at >= 0 && at < 60_000)).toBe(true);
});

it("a run amid faults ends right in every database", async () => {
  const folder = await mkdtemp(join(tmpdir(), "sqlfleet-chaos-"));
  try {
    const report = await runChaos({
      ...{ targets: 10, seconds: 8, seed: "ci", root, folder },
      write: () => undefined,
    });
    expect(report.violations).toEqual([]);
    expect(Object.values(report.outcomes).reduce((sum, count) => sum + count, 0)).toBe(10);
    expect(report.outcomes["rolledBack"]).toBe(1);
    expect(Object.keys(report.faults).length).toBeGreaterThan(3);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}, 240_000);
