import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { RunId } from "../../../model/ids.ts";
import type { TargetEvent } from "../../../model/messages.ts";
import { endedEvent, newRunId, startedEvent } from "../../support/sample-run.ts";
import { startStandIns, type StandIns } from "../../support/stand-ins.ts";
import { describeProgressStore } from "../contract/ports/progress-store.ts";

let standIns: StandIns;
beforeAll(async () => {
  standIns = await startStandIns({ storage: true });
});
afterAll(() => standIns.stop());

const open = () => standIns.newServices().progress;

describeProgressStore("Azure Table Storage", open);

describe("progress in tables", () => {
  test.for([
    { writers: "one process", instances: 1 },
    { writers: "four processes", instances: 4 },
  ])("batches as Event Hubs brings them, by $writers", async ({ instances }, { annotate }) => {
    const [runId, total] = [newRunId(), 2_000];
    const stores = Array.from({ length: instances }, open);
    await Promise.all(stores.map((store) => store.begin(runId, 0, total)));
    const batches = [0, 300, 600, 900].map((first) => toBatch(runId, first, total));
    const startedAt = performance.now();
    await Promise.all(batches.map((batch, index) => stores[index % instances]!.apply(runId, 0, batch)));
    const seconds = (performance.now() - startedAt) / 1_000;
    const [summary] = await open().summaries(runId, 1);
    expect(summary?.counts).toMatchObject({ queued: 800, running: 400, committed: 800 });
    await annotate(`${Math.round(batches.flat().length / seconds)} events/s applied`);
  });
});

/** 500 events of 300 targets: all began, two in three ended. */
function toBatch(runId: RunId, first: number, total: number): TargetEvent[] {
  return Array.from({ length: 300 }, (_, index) => first + index + 1).flatMap((place) => {
    const facts = { place, of: total };
    const started = startedEvent(runId, facts);
    return place % 3 === 0 ? [started] : [started, endedEvent(runId, { ...facts, state: "committed" })];
  });
}
