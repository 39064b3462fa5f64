import { describe, expect, test, vi } from "vitest";
import type { ComputeHandle } from "../../../../model/activities.ts";
import type { RunPlan } from "../../../../model/run-document.ts";
import type { WorkersState } from "../../../../model/workers.ts";
import type { Compute } from "../../../../services/services.ts";
import { newRunId, sampleRun } from "../../../support/sample-run.ts";

export interface ComputeSubject {
  readonly open: () => Compute;
  /** A plan for so many workers of this kind of compute. Workers run until they are stopped. */
  readonly toPlan: (workers: number) => RunPlan;
  /** How many workers of this job run at this moment. */
  readonly countWorkers: (handle: ComputeHandle) => number | Promise<number>;
}

export const samplePlan = (nodes: number): RunPlan => ({
  ...sampleRun(newRunId(), 1).plan,
  compute: { kind: "batch", nodes },
});

/** Waits until the workers are in this state. */
export function untilState(compute: Compute, handle: ComputeHandle, state: WorkersState): Promise<void> {
  return vi.waitFor(
    async () => {
      expect((await compute.state(handle)).state).toBe(state);
    },
    { timeout: 10_000, interval: 50 },
  );
}

/** What is expected of every compute. */
export function describeCompute(name: string, { open, toPlan, countWorkers }: ComputeSubject): void {
  describe(`Compute: ${name}`, () => {
    const untilRunning = (handle: ComputeHandle, workers: number) =>
      vi.waitFor(
        async () => {
          expect(await countWorkers(handle)).toBe(workers);
        },
        { timeout: 10_000, interval: 50 },
      );

    test("workers start, run, and are gone once released", async () => {
      const [compute, runId] = [open(), newRunId()];
      const handle = await compute.launch(runId, toPlan(2), 1);
      expect(["starting", "running"]).toContain((await compute.state(handle)).state);
      await untilRunning(handle, 2);
      expect(await compute.state(handle)).toEqual({ state: "running", losses: [] });
      await compute.release(runId, 1);
      expect(await countWorkers(handle)).toBe(0);
      expect((await compute.state(handle)).state).toBe("ended");
    });

    test("launching the same round again adds nothing", async () => {
      const [compute, runId] = [open(), newRunId()];
      const handle = await compute.launch(runId, toPlan(2), 1);
      expect(await open().launch(runId, toPlan(2), 1)).toEqual(handle);
      await untilRunning(handle, 2);
      await compute.launch(runId, toPlan(2), 1);
      expect(await countWorkers(handle)).toBe(2);
      await compute.release(runId, 1);
    });

    test("each round has workers of its own", async () => {
      const [compute, runId] = [open(), newRunId()];
      const first = await compute.launch(runId, toPlan(1), 1);
      await untilRunning(first, 1);
      const second = await compute.launch(runId, toPlan(1), 2);
      await compute.release(runId, 1);
      await untilRunning(second, 1);
      await compute.release(runId, 2);
      expect(await countWorkers(second)).toBe(0);
    });

    test("releasing may be repeated, and what was never launched is fine", async () => {
      const [compute, runId] = [open(), newRunId()];
      await compute.launch(runId, toPlan(1), 1);
      await Promise.all([compute.release(runId, 1), compute.release(runId, 1)]);
      await compute.release(runId, 1);
      await compute.release(newRunId(), 3);
    });

    test("nobody wrote anything where no job is", async () => {
      const outputs = [];
      for await (const output of open().outputs(newRunId(), 1)) outputs.push(output);
      expect(outputs).toEqual([]);
    });
  });
}
