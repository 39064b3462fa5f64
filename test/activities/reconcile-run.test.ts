import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { enqueueTargets } from "../../activities/enqueue-targets.ts";
import { recallResults } from "../../activities/recall-results.ts";
import { reconcileRun } from "../../activities/reconcile-run.ts";
import { stageRun } from "../../activities/stage-run.ts";
import { toTargetId, type RunId } from "../../model/ids.ts";
import { stateContainer, stateFile } from "../../model/run-files.ts";
import type { OutcomeState } from "../../model/target.ts";
import type { Services } from "../../services/services.ts";
import { endedEvent, startedEvent } from "../support/sample-run.ts";
import { sampleTargets, storeRun } from "../support/stored-run.ts";
import { startStandIns, type StandIns } from "../support/stand-ins.ts";

let standIns: StandIns;
let services: Services;
beforeAll(async () => {
  standIns = await startStandIns({ storage: true, serviceBus: true });
  services = standIns.newServices();
});
afterAll(() => standIns.stop());

async function stage(targets: number): Promise<RunId> {
  const { id: runId } = await storeRun(services, sampleTargets(targets));
  await stageRun(services, { runId });
  return runId;
}

/** What a worker leaves before it completes its message. */
async function leaveResult(runId: RunId, place: number, state: OutcomeState): Promise<void> {
  const path = stateFile.result(runId, 0, toTargetId(place));
  await services.files.write(stateContainer, path, JSON.stringify(endedEvent(runId, { place, state })));
}

async function countStates(runId: RunId): Promise<Record<string, number>> {
  const [summary] = await services.progress.summaries(runId, 1);
  return Object.fromEntries(Object.entries(summary?.counts ?? {}).filter(([, count]) => count > 0));
}

describe("reconcileRun", () => {
  test("takes the outcomes no event told of from the result records", async () => {
    const runId = await stage(4);
    await services.progress.apply(runId, 0, [
      endedEvent(runId, { place: 1, state: "committed" }),
      startedEvent(runId, { place: 2 }),
    ]);
    await Promise.all([1, 2, 3].map((place) => leaveResult(runId, place, "committed")));
    await leaveResult(runId, 4, "rolledBack");
    expect(await reconcileRun(services, { runId, round: 1 })).toEqual({ settled: true, enqueued: 0 });
    expect(await countStates(runId)).toEqual({ committed: 3, rolledBack: 1 });
    expect(await services.topic.waiting(runId)).toBe(0);
  });

  test("sends again what has no record either, for the next round, once", async () => {
    const runId = await stage(5);
    await leaveResult(runId, 2, "committed");
    expect(await reconcileRun(services, { runId, round: 1 })).toEqual({ settled: false, enqueued: 4 });
    expect(await services.topic.waiting(runId)).toBe(4);
    // The activity is repeated: what it sent is waiting now.
    expect(await reconcileRun(services, { runId, round: 1 })).toEqual({ settled: false, enqueued: 0 });
    expect(await services.topic.waiting(runId)).toBe(4);
  });

  test("sends nothing while messages wait: they are the open targets", async () => {
    const runId = await stage(3);
    await enqueueTargets(services, { runId, bucket: 0, round: 1 });
    await leaveResult(runId, 1, "committed");
    expect(await reconcileRun(services, { runId, round: 1 })).toEqual({ settled: false, enqueued: 0 });
    expect(await countStates(runId)).toEqual({ committed: 1, queued: 2 });
  });

  test("gives up what is open, after it took the records", async () => {
    const runId = await stage(4);
    await enqueueTargets(services, { runId, bucket: 0, round: 1 });
    await services.progress.apply(runId, 0, [startedEvent(runId, { place: 2 })]);
    await leaveResult(runId, 1, "committed");
    const input = { runId, round: 3, giveUp: "cancelled" } as const;
    expect(await reconcileRun(services, input)).toEqual({ settled: true, enqueued: 0 });
    expect(await countStates(runId)).toEqual({ committed: 1, lost: 1, cancelled: 2 });
    await reconcileRun(services, input);
    expect(await countStates(runId)).toEqual({ committed: 1, lost: 1, cancelled: 2 });
    const lost = await stage(1);
    await reconcileRun(services, { runId: lost, round: 3, giveUp: "lost" });
    expect(await countStates(lost)).toEqual({ lost: 1 });
  });

  test("a record older than what was heard since does not close its target", async () => {
    const runId = await stage(1);
    await leaveResult(runId, 1, "rolledBack");
    // The worker died before it completed the message, and so did the one that got it next.
    await services.progress.apply(runId, 0, [startedEvent(runId, { place: 1, position: { delivery: 2 } })]);
    expect(await reconcileRun(services, { runId, round: 1 })).toEqual({ settled: false, enqueued: 1 });
    await reconcileRun(services, { runId, round: 2, giveUp: "lost" });
    expect(await countStates(runId)).toEqual({ lost: 1 });
  });

  test("a record that cannot be read counts as none", async () => {
    const runId = await stage(2);
    await leaveResult(runId, 1, "committed");
    await services.files.write(stateContainer, stateFile.result(runId, 0, toTargetId(2)), '{"type":"en');
    expect(await reconcileRun(services, { runId, round: 1 })).toEqual({ settled: false, enqueued: 1 });
    expect(await countStates(runId)).toEqual({ committed: 1, queued: 1 });
  });

  test("every bucket is looked at", async () => {
    const runId = await stage(2_001);
    const { enqueued } = await reconcileRun(services, { runId, round: 1 });
    expect(enqueued).toBe(2_001);
    expect(await services.topic.waiting(runId)).toBe(2_001);
  });

  test("a run nobody knows is UnknownRun", async () => {
    const runId = "20260102-030405-ffffff" as RunId;
    await expect(reconcileRun(services, { runId, round: 1 })).rejects.toMatchObject({ code: "UnknownRun" });
  });
});

describe("recallResults", () => {
  test("takes the outcomes no event told of once no message waits", async () => {
    const runId = await stage(2);
    await Promise.all([1, 2].map((place) => leaveResult(runId, place, "committed")));
    expect(await recallResults(services, { runId })).toEqual({ settled: true });
    expect(await countStates(runId)).toEqual({ committed: 2 });
  });

  test("leaves everything as it is while messages wait, and what has no record to the workers", async () => {
    const waiting = await stage(2);
    await enqueueTargets(services, { runId: waiting, bucket: 0, round: 1 });
    await leaveResult(waiting, 1, "committed");
    expect(await recallResults(services, { runId: waiting })).toEqual({ settled: false });
    expect(await countStates(waiting)).toEqual({ queued: 2 });

    const unheard = await stage(2);
    await leaveResult(unheard, 1, "committed");
    expect(await recallResults(services, { runId: unheard })).toEqual({ settled: false });
    expect(await countStates(unheard)).toEqual({ committed: 1, queued: 1 });
    expect(await services.topic.waiting(unheard)).toBe(0);
  });
});
