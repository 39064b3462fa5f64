import { describe, expect, it } from "vitest";
import type { ActivityAnswer, RunProgress } from "../../model/activities.ts";
import { Failure } from "../../model/failures.ts";
import { toRunId } from "../../model/ids.ts";
import { addCounts, emptySummary } from "../../model/progress.ts";
import { watch, type WatchInput } from "../../orchestrations/watch.ts";
import { replay, type World } from "../support/replay.ts";

const runId = toRunId(new Date("2026-01-02T03:04:05Z"), "abcdef");
const compute = { kind: "batch", jobId: "run-1" } as const;
const first: WatchInput = { runId, compute, round: 1, rounds: 3, quietPolls: 0 };

const going: RunProgress = {
  counts: addCounts([emptySummary(0, 10)]),
  total: 10,
  settled: false,
  cancelRequested: false,
  workers: "running",
};

function worldWith(progress: Partial<RunProgress>, results: Readonly<Record<string, unknown>> = {}): World {
  const all: Readonly<Record<string, unknown>> = {
    readProgress: { ...going, ...progress },
    recallResults: { settled: false },
    ...results,
  };
  return { activity: (name) => ({ value: all[name] ?? null }), first: () => 1 };
}

describe("watch", () => {
  it("ends when every target has its outcome", () => {
    const { commands, continuedAsNew } = replay(watch, first, worldWith({ settled: true }));
    expect(commands.map(({ name }) => name)).toEqual(["readProgress"]);
    expect(continuedAsNew).toBeUndefined();
  });

  it.each([
    [0, 2],
    [1, 4],
    [3, 16],
    [4, 30],
    [9, 30],
  ])("after %i quiet looks the next wait is %i s", (quietPolls, seconds) => {
    const input: WatchInput = { ...first, quietPolls: quietPolls - 1, finished: 0 };
    const { commands, continuedAsNew } = replay(watch, input, worldWith({}));
    const timer = commands.at(-1)?.tasks?.[1];
    expect(timer?.input).toBe(new Date(Date.UTC(2026, 0, 1) + seconds * 1_000).toISOString());
    expect(continuedAsNew).toMatchObject({ quietPolls, finished: 0 });
  });

  it.each([
    [2, []],
    [3, ["recallResults"]],
    [9, ["recallResults"]],
  ])("after %i quiet looks asks the result records: %j", (quietPolls, asked) => {
    const input: WatchInput = { ...first, quietPolls: quietPolls - 1, finished: 0 };
    const { commands } = replay(watch, input, worldWith({}));
    const names = commands.flatMap(({ name }) => name ?? []);
    expect(names.filter((name) => name === "recallResults")).toEqual(asked);
  });

  it("is done when the records told the rest while workers were still there", () => {
    const input: WatchInput = { ...first, quietPolls: 2, finished: 0 };
    const world = worldWith({}, { recallResults: { settled: true } });
    const { commands, continuedAsNew } = replay(watch, input, world);
    expect(commands.map(({ name }) => name)).toEqual(["readProgress", "recallResults"]);
    expect(continuedAsNew).toBeUndefined();
  });

  it("looks soon again once something changed", () => {
    const counts = { ...going.counts, queued: 9, committed: 1 };
    const { continuedAsNew } = replay(watch, { ...first, quietPolls: 5, finished: 0 }, worldWith({ counts }));
    expect(continuedAsNew).toMatchObject({ quietPolls: 0, finished: 1 });
  });

  it("sends open targets out again when no worker is left", () => {
    const next = { kind: "batch", jobId: "run-2" };
    const world = worldWith(
      { workers: "ended" },
      { reconcileRun: { settled: false, enqueued: 3 }, launchCompute: next },
    );
    const { commands, continuedAsNew } = replay(watch, first, world);
    expect(commands.map(({ name }) => name)).toEqual([
      "readProgress",
      "collectOutputs",
      "reconcileRun",
      "launchCompute",
    ]);
    expect(commands[3]?.input).toEqual({ runId, round: 2 });
    expect(continuedAsNew).toMatchObject({ round: 2, compute: next });
  });

  it("is done when the result records told the rest", () => {
    const world = worldWith({ workers: "ended" }, { reconcileRun: { settled: true, enqueued: 0 } });
    expect(replay(watch, first, world).continuedAsNew).toBeUndefined();
  });

  it.each([
    [{ workers: "ended" } as const, { ...first, round: 3 }],
    [{ workers: "ended", cancelRequested: true } as const, first],
    [
      { cancelRequested: true } as const,
      { ...first, cancelSeenAt: new Date(Date.UTC(2026, 0, 1) - 121_000).toISOString() },
    ],
  ])("gives up what is open, as lost but for what no worker began: %o", (progress, input) => {
    const { commands, continuedAsNew } = replay(watch, input, worldWith(progress));
    expect(commands.map(({ name }) => name)).toEqual([
      "readProgress",
      "collectOutputs",
      "releaseCompute",
      "reconcileRun",
    ]);
    const { round } = input;
    expect(commands[1]?.input).toEqual({ runId, firstRound: round, lastRound: round, patienceSeconds: 0 });
    expect(commands[3]?.input).toMatchObject({ giveUp: "lost" });
    expect(continuedAsNew).toBeUndefined();
  });

  it.each([
    ["answers with", { failure: new Failure("PoolRefused", "No such subnet.").toReport() }],
    ["goes on throwing", undefined],
  ])("answers with the failure an activity %s: thrown, its code would be lost", (_, answer) => {
    const activity = (): ActivityAnswer<unknown> => {
      if (answer) return answer;
      throw new Error("Activity function 'readProgress' failed: [PoolRefused] No such subnet.");
    };
    const { output } = replay(watch, first, { activity });
    expect(output).toMatchObject({ failure: { code: "PoolRefused", message: "No such subnet." } });
  });

  it("remembers when it first saw the cancel", () => {
    const { continuedAsNew } = replay(watch, first, worldWith({ cancelRequested: true }));
    expect(continuedAsNew).toMatchObject({ cancelSeenAt: "2026-01-01T00:00:00.000Z" });
  });
});
