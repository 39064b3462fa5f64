import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { createActivities } from "../../activities/create-activities.ts";
import type { Activities } from "../../model/activities.ts";
import { toJobId, type RunId } from "../../model/ids.ts";
import { runFile, runsContainer } from "../../model/run-files.ts";
import type { Services } from "../../services/services.ts";
import { samplePlan } from "../services/contract/ports/compute.ts";
import { sampleTime } from "../support/sample-run.ts";
import { readText, sampleTargets, storeRun } from "../support/stored-run.ts";
import { startStandIns, type StandIns } from "../support/stand-ins.ts";

let standIns: StandIns;
let services: Services;
let activities: Activities;
beforeAll(async () => {
  standIns = await startStandIns({ storage: true, batch: true });
  services = standIns.newServices();
  activities = createActivities(services, () => new Date(sampleTime));
});
afterAll(() => standIns.stop());

/** Workers of one round that do what the command says; back when they do. */
async function launch(runId: RunId, script: string, { round = 1, workers = 1 } = {}): Promise<void> {
  const { compute } = standIns.newServices({ WORKER_COMMAND: `/bin/sh -c '${script}'` });
  await compute.batch.launch(runId, samplePlan(workers), round);
  await vi.waitFor(() => {
    expect(countRunning(runId, round)).toBe(workers);
  }, 10_000);
}

const countRunning = (runId: RunId, round = 1): number =>
  standIns
    .batch()
    .running()
    .filter(({ jobId }) => jobId === toJobId(runId, round)).length;

const newRun = async (): Promise<RunId> => (await storeRun(services, sampleTargets(1))).id;

const collect = (runId: RunId, lastRound = 1, patienceSeconds = 15): Promise<void> =>
  activities.collectOutputs({ runId, firstRound: 1, lastRound, patienceSeconds });

const listLogs = async (runId: RunId): Promise<readonly string[]> =>
  (await services.files.list(runsContainer, runFile.logs(runId))).files.map(({ path }) =>
    path.slice(runFile.logs(runId).length),
  );

describe("collectOutputs", () => {
  test("puts what every worker of every round wrote among the run's logs, to their last word", async () => {
    const runId = await newRun();
    await launch(runId, "echo first of $WORKER_ID; echo trouble >&2; sleep 1; echo last", { workers: 2 });
    await launch(runId, "echo again; sleep 1", { round: 2 });
    await collect(runId, 3);
    expect(await listLogs(runId)).toEqual([
      "workers/round-1/worker-1/stderr.txt",
      "workers/round-1/worker-1/stdout.txt",
      "workers/round-1/worker-2/stderr.txt",
      "workers/round-1/worker-2/stdout.txt",
      "workers/round-2/worker-1/stderr.txt",
      "workers/round-2/worker-1/stdout.txt",
    ]);
    const read = (round: number, worker: string, name: string) =>
      readText(services, runFile.workerOutput(runId, round, { worker, name }));
    expect(await read(1, "worker-2", "stdout")).toBe("first of worker-2\nlast\n");
    expect(await read(1, "worker-1", "stderr")).toBe("trouble\n");
    expect(await read(2, "worker-1", "stdout")).toBe("again\n");
    await activities.releaseCompute({ runId, rounds: 2 });
    await collect(runId, 3);
    expect(await read(1, "worker-2", "stdout")).toBe("first of worker-2\nlast\n");
  });

  test("does not wait longer than told, and says what may be missing", async () => {
    const runId = await newRun();
    await launch(runId, "echo begun; sleep 600");
    const output = runFile.workerOutput(runId, 1, { worker: "worker-1", name: "stdout" });
    await vi.waitFor(async () => {
      await collect(runId, 1, 0);
      expect(await readText(services, output)).toBe("begun\n");
    }, 10_000);
    expect(await readText(services, runFile.workersMissing(runId, 1))).toMatch(/^Workers still ran/);
    await activities.releaseCompute({ runId, rounds: 1 });
  });

  test("a run whose workers were never launched has nothing to collect", async () => {
    const runId = await newRun();
    await collect(runId, 3);
    expect(await listLogs(runId)).toEqual([]);
  });

  test("of workers that could not start it keeps what Batch says", async () => {
    const runId = await newRun();
    const { compute } = standIns.newServices({ WORKER_COMMAND: "/no/such/worker" });
    const handle = await compute.batch.launch(runId, samplePlan(1), 1);
    await vi.waitFor(async () => {
      await expect(compute.batch.state(handle)).rejects.toMatchObject({ code: expect.any(String) });
    }, 10_000);
    await collect(runId);
    const said = runFile.workerOutput(runId, 1, { worker: "worker-1", name: "log" });
    expect(await readText(services, said)).toContain("CommandProgramNotFound");
    await activities.releaseCompute({ runId, rounds: 1 });
  });

  test("a compute that does not answer is no failure: it is said beside the logs", async () => {
    const runId = await newRun();
    const other = standIns.newServices({ BATCH_ACCOUNT_NAME: "another" });
    const cut = createActivities(other, () => new Date(sampleTime));
    await cut.collectOutputs({ runId, firstRound: 1, lastRound: 1, patienceSeconds: 15 });
    expect(await readText(services, runFile.workersMissing(runId, 1))).toMatch(
      /^Workers were not waited for: Azure Batch: .*\nFurther outputs: Azure Batch: /,
    );
    for (const secret of standIns.secretValues)
      expect(await readText(services, runFile.workersMissing(runId, 1))).not.toContain(secret);
  });

  test("a worker that was killed is remembered with the run, by a look or at the end, once", async () => {
    const runId = await newRun();
    await activities.advanceRun({ runId, state: "running" });
    await launch(runId, "sleep 600", { workers: 2 });
    const [first, second] = standIns
      .batch()
      .running()
      .filter(({ jobId }) => jobId === toJobId(runId, 1));
    const lost = async () => (await services.runs.read(runId))?.lostWorkers?.losses ?? [];
    const compute = { kind: "batch", jobId: toJobId(runId, 1) } as const;
    const look = () => activities.readProgress({ runId, compute, round: 1 });

    process.kill(first!.pid, "SIGKILL");
    await vi.waitFor(async () => {
      await look();
      expect(await lost()).toMatchObject([{ worker: first!.taskId, round: 1, seenAt: sampleTime }]);
    }, 10_000);
    process.kill(second!.pid, "SIGKILL");
    await vi.waitFor(() => {
      expect(countRunning(runId)).toBe(0);
    }, 10_000);
    await collect(runId);
    await look();
    expect((await lost()).map(({ worker }) => worker)).toEqual([first!.taskId, second!.taskId]);
    await activities.releaseCompute({ runId, rounds: 1 });
  });
});
