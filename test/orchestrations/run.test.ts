import type { OrchestrationContext, Task } from "durable-functions";
import { describe, expect, it } from "vitest";
import type { ActivityAnswer } from "../../model/activities.ts";
import { Failure } from "../../model/failures.ts";
import { toRunId } from "../../model/ids.ts";
import { run, type RunInput } from "../../orchestrations/run.ts";
import { replay, type Command, type World } from "../support/replay.ts";

const runId = toRunId(new Date("2026-01-02T03:04:05Z"), "abcdef");
const input: RunInput = { runId, rounds: 3 };

const results: Readonly<Record<string, unknown>> = {
  advanceRun: { goOn: true },
  stageRun: { buckets: 3, total: 6_000 },
  enqueueTargets: { sent: 2_000 },
  launchCompute: { kind: "batch", jobId: "run-1" },
  reconcileRun: { settled: true, enqueued: 0 },
  finishRun: { state: "succeeded" },
};

/** A world in which the named activity ends as told, and all others well. */
function worldWith(
  changed: Readonly<Record<string, (input: unknown) => ActivityAnswer<unknown>>> = {},
): World {
  return {
    activity: (name, input) => changed[name]?.(input) ?? { value: results[name] ?? null },
    subOrchestration: () => ({ value: null }),
  };
}

const names = (commands: readonly Command[]): readonly (string | undefined)[] =>
  commands.map(({ name, kind }) => name ?? kind);

const cleanUp = [
  "advanceRun",
  "orderWorkers",
  "collectOutputs",
  "releaseCompute",
  "releaseSubscription",
  "collectLogs",
  "finishRun",
];
const cleanUpUnsettled = cleanUp.toSpliced(4, 0, "reconcileRun");

describe("run", () => {
  it("goes through the flow once, in order, and replays from every point", () => {
    const { output, commands } = replay(run, input, worldWith());
    expect(output).toBe("succeeded");
    expect(names(commands)).toEqual([
      ...[
        "advanceRun",
        "stageRun",
        "advanceRun",
        "all",
        "advanceRun",
        "launchCompute",
        "advanceRun",
        "watch",
      ],
      ...cleanUp,
    ]);
  });

  it.each([
    ["is told", { value: null }],
    ["cannot be told", { failure: new Failure("RoleMissing", "no role").toReport() }],
  ])("ends the same when the server job that waits %s", (_, answer) => {
    const finishRun = () => ({ value: { state: "succeeded", callback: true } });
    const { output, commands } = replay(run, input, worldWith({ finishRun, sendCallback: () => answer }));
    expect(output).toBe("succeeded");
    expect(names(commands).slice(-2)).toEqual(["finishRun", "sendCallback"]);
    expect(commands.at(-1)?.input).toEqual({ runId });
  });

  it("enqueues one activity per bucket", () => {
    const { commands } = replay(run, input, worldWith());
    const enqueue = commands.find(({ kind }) => kind === "all");
    expect(enqueue?.tasks?.map((task) => task.input)).toEqual(
      [0, 1, 2].map((bucket) => ({ runId, bucket, round: 1 })),
    );
  });

  it.each([["stageRun"], ["enqueueTargets"], ["launchCompute"]])(
    "cleans up when %s fails for good",
    (name) => {
      const failure = new Failure("ComputeFailed", "no quota").toReport();
      const { commands } = replay(run, input, worldWith({ [name]: () => ({ failure }) }));
      expect(names(commands).slice(-cleanUpUnsettled.length)).toEqual(cleanUpUnsettled);
      expect(commands.at(-1)?.input).toEqual({ runId, failure });
    },
  );

  it("cleans up when an activity went on throwing, and keeps its code", () => {
    const world = worldWith({
      launchCompute: () => {
        throw new Error("Activity function 'launchCompute' failed: [PoolNotReady] no nodes");
      },
    });
    const { commands } = replay(run, input, world);
    expect(commands.at(-1)?.input).toMatchObject({ failure: { code: "PoolNotReady", message: "no nodes" } });
  });

  it("goes on cleaning up when a step of it fails, and says so in the end", () => {
    const failure = new Failure("ServiceUnavailable", "Azure Batch: gone").toReport();
    const { commands } = replay(run, input, worldWith({ releaseCompute: () => ({ failure }) }));
    expect(names(commands).slice(-cleanUp.length)).toEqual(cleanUp);
    expect(commands.at(-1)?.input).toEqual({ runId, failure });
  });

  it("collects what workers wrote before their jobs go, from every round, and waits longer after a stop", () => {
    const asked = (world: World): unknown =>
      replay(run, input, world).commands.find(({ name }) => name === "collectOutputs")?.input;
    const rounds = { runId, firstRound: 1, lastRound: 3 };
    expect(asked(worldWith())).toEqual({ ...rounds, patienceSeconds: 15 });
    const failure = new Failure("ComputeFailed", "no quota").toReport();
    expect(asked(worldWith({ launchCompute: () => ({ failure }) }))).toEqual({
      ...rounds,
      patienceSeconds: 60,
    });
  });

  it("ends as it would have when outputs cannot be collected", () => {
    const failure = new Failure("ServiceUnavailable", "Blob storage: gone").toReport();
    for (const collectOutputs of [
      () => ({ failure }),
      () => {
        throw new Error("Activity function 'collectOutputs' failed: [ServiceUnavailable] gone");
      },
    ]) {
      const { output, commands } = replay(run, input, worldWith({ collectOutputs }));
      expect(output).toBe("succeeded");
      expect(names(commands).slice(-cleanUp.length)).toEqual(cleanUp);
      expect(commands.at(-1)?.input).toEqual({ runId });
    }
  });

  it.each([
    [0, ["advanceRun"]],
    [1, ["advanceRun", "stageRun", "advanceRun"]],
    [2, ["advanceRun", "stageRun", "advanceRun", "all", "advanceRun"]],
  ])("stops before the next step when cancelled (%i)", (after, begun) => {
    let asked = 0;
    const world = worldWith({ advanceRun: () => ({ value: { goOn: asked++ !== after } }) });
    const once: World = { ...world, activity: (name, input) => world.activity(name, input) };
    const { commands } = replay(run, input, once);
    expect(names(commands)).toEqual([...begun, ...cleanUpUnsettled]);
    expect(commands.find(({ name }) => name === "reconcileRun")?.input).toMatchObject({
      giveUp: "cancelled",
    });
  });

  it("only cleans up after an earlier orchestration of the run was terminated", () => {
    const { commands } = replay(run, { ...input, interrupted: true }, worldWith());
    expect(names(commands)).toEqual(cleanUpUnsettled);
    expect(commands.at(-1)?.input).toMatchObject({ failure: { code: "RunInterrupted" } });
  });

  it("closes what workers left open as lost when watching failed", () => {
    const world: World = {
      ...worldWith(),
      subOrchestration: () => {
        throw new Error("watch failed: [ServiceUnavailable] Table storage");
      },
    };
    const { commands } = replay(run, input, world);
    expect(commands.find(({ name }) => name === "reconcileRun")?.input).toMatchObject({ giveUp: "lost" });
  });

  it("does not take for granted that no worker is there when launching failed, and stops them first", () => {
    const failure = new Failure("ComputeFailed", "no quota").toReport();
    const { commands } = replay(run, input, worldWith({ launchCompute: () => ({ failure }) }));
    expect(commands.find(({ name }) => name === "reconcileRun")?.input).toMatchObject({ giveUp: "lost" });
    expect(names(commands).indexOf("releaseCompute")).toBeLessThan(names(commands).indexOf("reconcileRun"));
  });

  it("fails for the reason that watching found", () => {
    const failure = new Failure("PoolRefused", "No such subnet.").toReport();
    const { commands } = replay(run, input, { ...worldWith(), subOrchestration: () => ({ failure }) });
    expect(names(commands.slice(-cleanUpUnsettled.length))).toEqual(cleanUpUnsettled);
    expect(commands.at(-1)?.input).toMatchObject({ failure });
  });

  it("keeps its commands the same for 20 and for 2,000 targets", () => {
    const small = replay(run, input, worldWith({ stageRun: () => ({ value: { buckets: 1, total: 20 } }) }));
    const large = replay(
      run,
      input,
      worldWith({ stageRun: () => ({ value: { buckets: 1, total: 2_000 } }) }),
    );
    expect(large.commands).toEqual(small.commands);
  });
});

describe("replay", () => {
  it("catches an orchestration that drifts", () => {
    let executions = 0;
    function* drifting(context: OrchestrationContext): Generator<Task, void, never> {
      executions += 1;
      yield context.df.callActivity("stageRun", executions);
      yield context.df.callActivity("collectLogs", 0);
    }
    expect(() => replay(drifting, input, worldWith())).toThrow(/not deterministic/);
  });
});
