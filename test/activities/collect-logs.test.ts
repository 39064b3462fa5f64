import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { collectLogs } from "../../activities/collect-logs.ts";
import { stageRun } from "../../activities/stage-run.ts";
import type { Run } from "../../model/run.ts";
import { runFile } from "../../model/run-files.ts";
import { parseCfg } from "../../model/targets/parse-cfg.ts";
import type { Services } from "../../services/services.ts";
import { endedEvent, sampleTarget, sampleTime, startedEvent } from "../support/sample-run.ts";
import { readText, sampleTargets, storeRun } from "../support/stored-run.ts";
import { startStandIns, type StandIns } from "../support/stand-ins.ts";

let standIns: StandIns;
let services: Services;
beforeAll(async () => {
  standIns = await startStandIns({ storage: true, serviceBus: true });
  services = standIns.newServices();
});
afterAll(() => standIns.stop());

const targets = [
  sampleTarget(1),
  sampleTarget(2, {
    server: "tcp:srv2,1433",
    databases: [
      { default: "client", override: "a" },
      { default: "audit", override: "b" },
    ],
    tag: "eu",
  }),
  sampleTarget(3, { databases: [{ default: "", override: "c" }] }),
  sampleTarget(4),
  sampleTarget(5),
  sampleTarget(6),
];

/** 1 committed · 2 half committed, half rolled back · 3 already applied · 4 given up · 5 running · 6 unheard of. */
async function runToTheEnd(): Promise<Run> {
  const run = await storeRun(services, targets);
  const { id } = run;
  await stageRun(services, { runId: id });
  const error = {
    code: "SqlFailed",
    number: 547,
    message: "The UPDATE statement\n\tconflicted.",
    script: "002-limit.sql",
    line: 12,
  };
  const databases = [
    { name: "a", state: "committed" as const },
    { name: "b", state: "rolledBack" as const },
  ];
  await services.progress.apply(id, 0, [
    endedEvent(id, { place: 1, state: "committed" }),
    endedEvent(id, { place: 2, state: "rolledBack", outcome: { error, databases } }),
    endedEvent(id, {
      place: 3,
      state: "alreadyApplied",
      outcome: { databases: [{ name: "c", state: "alreadyApplied" }] },
    }),
    startedEvent(id, { place: 5 }),
  ]);
  await services.progress.giveUp(id, 0, [targets[3]!.id], "cancelled");
  return run;
}

describe("collectLogs", () => {
  let run: Run;
  beforeAll(async () => {
    run = await runToTheEnd();
    await collectLogs(services, { runId: run.id });
  });
  const read = (path: (id: Run["id"]) => string) => readText(services, path(run.id));

  test("commits.log has a line for each database that is as it should be", async () => {
    expect(await read(runFile.commitsLog)).toBe(
      [
        `${sampleTime}\tsrv2\ttenant001\tcommitted\n`,
        `${sampleTime}\ttcp:srv2,1433\ta\tcommitted\n`,
        `${sampleTime}\tsrv4\tc\talreadyApplied\n`,
      ].join(""),
    );
  });

  test("errors.log has a line for each target that did not succeed, with the reason", async () => {
    expect(await read(runFile.errorsLog)).toBe(
      [
        `${sampleTime}\ttcp:srv2,1433\ta,b\trolledBack\tSqlFailed (SQL 547)\t002-limit.sql line 12\t` +
          "The UPDATE statement conflicted.\n",
        "\tsrv1\ttenant004\tcancelled\tRunCancelled\t\t" +
          "The run was cancelled before this target was begun; nothing was changed.\n",
        "\tsrv2\ttenant005\trunning\t\t\t\n",
        "\tsrv3\ttenant006\tqueued\t\t\t\n",
      ].join(""),
    );
  });

  test("success.cfg and failure.cfg hold every target once, as it was given", async () => {
    expect(await read(runFile.successCfg)).toBe("srv2:client,tenant001\nsrv4:c\n");
    expect(await read(runFile.failureCfg)).toBe(
      "tcp:srv2,1433:client,a;audit,b#eu\nsrv1:client,tenant004\nsrv2:client,tenant005\nsrv3:client,tenant006\n",
    );
    const again = parseCfg(await read(runFile.failureCfg));
    expect(again.ok && again.value.map(({ line: _, ...target }) => target)).toEqual(
      [1, 3, 4, 5].map((index) => {
        const { id: _, ...target } = targets[index]!;
        return target;
      }),
    );
  });

  test("summary.json adds up", async () => {
    const summary = JSON.parse(await read(runFile.summary)) as { counts: Record<string, number> };
    expect(summary).toEqual({
      runId: run.id,
      state: "completedWithErrors",
      package: run.plan.package,
      targets: 6,
      counts: {
        ...{ queued: 1, running: 1, committed: 1, trialRolledBack: 0, alreadyApplied: 1 },
        ...{ rolledBack: 1, failed: 0, cancelled: 1, lost: 0 },
      },
      workers: { lost: 0, losses: [] },
      createdAt: sampleTime,
    });
  });

  test("summary.json tells of the workers that were lost", async () => {
    const losses = [{ worker: "worker-2", reason: "NodePreempted", message: "Its node was taken away." }];
    const { id } = await runToTheEnd();
    await services.runs.apply(id, { type: "workersLost", round: 1, losses, at: sampleTime });
    await collectLogs(services, { runId: id });
    expect(JSON.parse(await readText(services, runFile.summary(id)))).toMatchObject({
      workers: { lost: 1, losses: [{ ...losses[0], round: 1, seenAt: sampleTime }] },
    });
  });

  test("collecting again writes the same", async () => {
    const before = await read(runFile.errorsLog);
    await collectLogs(services, { runId: run.id });
    expect(await read(runFile.errorsLog)).toBe(before);
  });
});

test("a run that succeeded leaves empty files for what did not happen, in the caller's order over buckets", async () => {
  const run = await storeRun(services, sampleTargets(2_100));
  expect(await stageRun(services, { runId: run.id })).toEqual({ buckets: 2, total: 2_100 });
  for (const bucket of [0, 1]) {
    const events = sampleTargets(2_100)
      .map((_, index) => endedEvent(run.id, { place: index + 1, of: 2_100, state: "committed" }))
      .filter((event) => event.bucket === bucket);
    expect(await services.progress.apply(run.id, bucket, events)).toBe(1_050);
  }
  await collectLogs(services, { runId: run.id });
  expect(await readText(services, runFile.errorsLog(run.id))).toBe("");
  expect(await readText(services, runFile.failureCfg(run.id))).toBe("");
  const lines = (await readText(services, runFile.successCfg(run.id))).split("\n");
  expect(lines).toHaveLength(2_101);
  expect([lines[0], lines[1_050], lines[2_099]]).toEqual([
    "srv2:client,tenant001",
    "srv4:client,tenant1051",
    "srv1:client,tenant2100",
  ]);
});
