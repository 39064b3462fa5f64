import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { createActivities } from "../../activities/create-activities.ts";
import type { Activities } from "../../model/activities.ts";
import type { FailureReport } from "../../model/failures.ts";
import { stateContainer, stateFile } from "../../model/run-files.ts";
import type { Services } from "../../services/services.ts";
import { samplePlan } from "../services/contract/ports/compute.ts";
import { endedEvent, sampleTime, startedEvent } from "../support/sample-run.ts";
import { readText, sampleTargets, storeRun } from "../support/stored-run.ts";
import { startStandIns, type StandIns } from "../support/stand-ins.ts";

let standIns: StandIns;
let services: Services;
let activities: Activities;
beforeAll(async () => {
  standIns = await startStandIns({ storage: true, serviceBus: true, batch: true });
  services = standIns.newServices();
  activities = createActivities(services, () => new Date(sampleTime));
});
afterAll(() => standIns.stop());

describe("the activities of a run, over its services", () => {
  const failure: FailureReport = { code: "ComputeFailed", message: "no quota", help: "" };

  test("staging and enqueueing may be repeated: every target waits once", async () => {
    const { id: runId } = await storeRun(services, sampleTargets(30));
    for (const _ of [1, 2]) {
      expect(await activities.stageRun({ runId })).toEqual({ buckets: 1, total: 30 });
      expect(await activities.enqueueTargets({ runId, bucket: 0, round: 1 })).toEqual({ sent: 30 });
    }
    expect(await services.topic.waiting(runId)).toBe(30);
    await activities.releaseSubscription({ runId });
    await activities.releaseSubscription({ runId });
    expect(await services.topic.waiting(runId)).toBe(0);
  });

  test("a step is recorded; goOn is false once cancelling was asked for", async () => {
    const { id: runId } = await storeRun(services, sampleTargets(1));
    expect(await activities.advanceRun({ runId, state: "staging" })).toEqual({ goOn: true });
    await services.runs.apply(runId, { type: "cancelRequested", at: sampleTime });
    expect(await activities.advanceRun({ runId, state: "enqueueing" })).toEqual({ goOn: false });
    expect(await services.runs.read(runId)).toMatchObject({ state: "enqueueing" });
  });

  test("goes no further when it was closed before it began", async () => {
    const { id: runId } = await storeRun(services, sampleTargets(1));
    await services.runs.apply(runId, { type: "ended", state: "failed", at: sampleTime });
    expect(await activities.advanceRun({ runId, state: "staging" })).toEqual({ goOn: false });
  });

  test("workers are told by the control file", async () => {
    const { id: runId } = await storeRun(services, sampleTargets(1));
    await activities.orderWorkers({ runId, order: "stop" });
    expect(JSON.parse(await readText(services, stateFile.control(runId), stateContainer))).toEqual({
      order: "stop",
    });
  });

  test("the end follows from the counts, and stays when it is recorded again", async () => {
    const { id: runId } = await storeRun(services, sampleTargets(2));
    await activities.stageRun({ runId });
    await services.progress.apply(runId, 0, [
      endedEvent(runId, { place: 1, state: "committed" }),
      endedEvent(runId, { place: 2, state: "failed" }),
    ]);
    expect(await activities.finishRun({ runId })).toEqual({ state: "completedWithErrors" });
    expect(await activities.finishRun({ runId, failure })).toEqual({ state: "completedWithErrors" });
    const run = await services.runs.read(runId);
    expect(run).toMatchObject({ state: "completedWithErrors", endedAt: sampleTime });
    expect(run?.failure).toBeUndefined();
  });

  test("a failure is kept with the run", async () => {
    const { id: runId } = await storeRun(services, sampleTargets(2));
    expect(await activities.finishRun({ runId, failure })).toEqual({ state: "failed" });
    expect(await services.runs.read(runId)).toMatchObject({ state: "failed", failure });
  });

  test("a look tells counts, whether all is settled, and whether workers are left", async () => {
    const { id: runId } = await storeRun(services, sampleTargets(2));
    await activities.stageRun({ runId });
    const compute = await activities.launchCompute({ runId, round: 1 });
    await services.progress.apply(runId, 0, [startedEvent(runId, { place: 1 })]);
    const before = await activities.readProgress({ runId, compute, round: 1 });
    expect(before).toMatchObject({ total: 2, settled: false, cancelRequested: false });
    expect(before.counts).toMatchObject({ queued: 1, running: 1 });
    expect(["starting", "running"]).toContain(before.workers);
    const ended = [1, 2].map((place) => endedEvent(runId, { place, state: "committed" }));
    await services.progress.apply(runId, 0, ended);
    await services.runs.apply(runId, { type: "cancelRequested", at: sampleTime });
    await activities.releaseCompute({ runId, rounds: 3 });
    expect(await activities.readProgress({ runId, compute, round: 1 })).toMatchObject({
      settled: true,
      cancelRequested: true,
      workers: "ended",
    });
  });

  test("compute that cannot run fails a look, unless everything is done", async () => {
    const { id: runId } = await storeRun(services, sampleTargets(1));
    await activities.stageRun({ runId });
    const other = standIns.newServices({ WORKER_COMMAND: "/no/such/worker" });
    const compute = await other.compute.batch.launch(runId, samplePlan(1), 1);
    await vi.waitFor(
      async () => {
        await expect(activities.readProgress({ runId, compute, round: 1 })).rejects.toMatchObject({
          code: "ComputeFailed",
        });
      },
      { timeout: 5_000, interval: 50 },
    );
    await services.progress.apply(runId, 0, [endedEvent(runId, { place: 1, state: "committed" })]);
    expect(await activities.readProgress({ runId, compute, round: 1 })).toMatchObject({
      settled: true,
      workers: "ended",
    });
    await activities.releaseCompute({ runId, rounds: 1 });
  });
});
