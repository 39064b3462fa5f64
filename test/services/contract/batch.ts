import type { BatchServiceModels } from "@azure/batch";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { describeBatchSizes } from "./batch-sizes.ts";
import type { BatchSubject } from "./batch-subject.ts";

type Task = BatchServiceModels.CloudTask;

/** What a client may expect of pools, jobs, tasks and files. */
export function describeBatch(name: string, open: () => BatchSubject | Promise<BatchSubject>): void {
  describe(`Batch: ${name}`, () => {
    let subject: BatchSubject;
    const poolId = `contract-${Date.now().toString(36)}`;
    let jobs = 0;

    beforeAll(async () => {
      subject = await open();
      const { management, resourceGroup, accountName, pool } = subject;
      await management.poolOperations.create(resourceGroup, accountName, poolId, pool);
    });
    afterAll(async () => {
      const { management, resourceGroup, accountName } = subject;
      await management.poolOperations.beginDeleteAndWait(resourceGroup, accountName, poolId);
      await expect(management.poolOperations.get(resourceGroup, accountName, poolId)).rejects.toMatchObject({
        statusCode: 404,
      });
    });

    const eventually = <Value>(check: () => Promise<Value>): Promise<Value> =>
      vi.waitFor(check, { timeout: subject.patience, interval: 20 });

    const addJob = async (more: object = {}): Promise<string> => {
      const id = `${poolId}-${++jobs}`;
      await subject.data.job.add({ id, poolInfo: { poolId }, ...more });
      return id;
    };
    const completed = (job: string, task: string): Promise<Task> =>
      eventually(async () => {
        const found = await subject.data.task.get(job, task);
        expect(found.state).toBe("completed");
        return found;
      });
    const read = async (
      job: string,
      task: string,
      file = "stdout.txt",
      ocpRange?: string,
    ): Promise<string> => {
      const settings = ocpRange === undefined ? {} : { fileGetFromTaskOptions: { ocpRange } };
      const { readableStreamBody } = await subject.data.file.getFromTask(job, task, file, settings);
      let text = "";
      for await (const chunk of readableStreamBody!) text += String(chunk);
      return text;
    };

    test("a pool has its identity and gets its nodes", async () => {
      const { management, data, resourceGroup, accountName, pool } = subject;
      await eventually(async () => {
        const nodes = await data.computeNode.list(poolId);
        expect(nodes.map(({ state }) => state)).toEqual(["idle", "idle"]);
      });
      const found = await management.poolOperations.get(resourceGroup, accountName, poolId);
      expect(found).toMatchObject({ name: poolId, allocationState: "Steady", currentDedicatedNodes: 2 });
      expect(Object.keys(found.identity?.userAssignedIdentities ?? {})).toEqual(
        Object.keys(pool.identity?.userAssignedIdentities ?? {}),
      );
      const listed = await management.poolOperations.listByBatchAccount(resourceGroup, accountName).next();
      expect(listed.value).toMatchObject({ type: "Microsoft.Batch/batchAccounts/pools" });
      expect(await data.pool.get(poolId)).toMatchObject({
        id: poolId,
        state: "active",
        allocationState: "steady",
      });
    });

    test("a task runs without a shell and sees what Batch says of it", async () => {
      const job = await addJob();
      const commandLine = `/usr/bin/env "WITH SPACE=a b" AND='$HOME' env`;
      const environmentSettings = [{ name: "SETTING", value: "given" }];
      await subject.data.task.add(job, { id: "env", commandLine, environmentSettings });
      const task = await completed(job, "env");
      expect(task.executionInfo).toMatchObject({ exitCode: 0, result: "success", retryCount: 0 });
      expect(task.nodeInfo?.poolId).toBe(poolId);
      const lines = (await read(job, "env")).split("\n");
      expect(lines).toEqual(
        expect.arrayContaining([
          "WITH SPACE=a b",
          "AND=$HOME",
          "SETTING=given",
          `AZ_BATCH_POOL_ID=${poolId}`,
          `AZ_BATCH_JOB_ID=${job}`,
          "AZ_BATCH_TASK_ID=env",
          `AZ_BATCH_NODE_ID=${task.nodeInfo?.nodeId ?? ""}`,
        ]),
      );
    });

    test("output is kept by stream, and read in parts", async () => {
      const job = await addJob();
      const commandLine = `/bin/sh -c "echo 0123456789; echo trouble >&2; echo kept > result.txt"`;
      await subject.data.task.add(job, { id: "output", commandLine });
      await completed(job, "output");
      expect(await read(job, "output")).toBe("0123456789\n");
      expect(await read(job, "output", "stderr.txt")).toBe("trouble\n");
      expect(await read(job, "output", "wd/result.txt")).toBe("kept\n");
      expect(await read(job, "output", "stdout.txt", "bytes=2-4")).toBe("234");
      const { contentLength } = await subject.data.file.getPropertiesFromTask(job, "output", "stdout.txt");
      expect(contentLength).toBe(11);
      const files = await subject.data.file.listFromTask(job, "output", { recursive: true });
      expect(files.map(({ name }) => name)).toEqual(
        expect.arrayContaining(["stdout.txt", "stderr.txt", "wd/result.txt"]),
      );
      // The library does not read the code out of a streamed refusal.
      await expect(read(job, "output", "missing.txt")).rejects.toMatchObject({ statusCode: 404 });
    });

    test("a failing task is tried again as often as allowed", async () => {
      const job = await addJob();
      const constraints = { maxTaskRetryCount: 2 };
      await subject.data.task.add(job, { id: "fails", commandLine: `/bin/sh -c "exit 7"`, constraints });
      const { executionInfo } = await completed(job, "fails");
      expect(executionInfo).toMatchObject({
        exitCode: 7,
        retryCount: 2,
        result: "failure",
        failureInfo: { category: "usererror", code: "FailureExitCode" },
      });
    });

    test("a program that is not there is said to be so", async () => {
      const job = await addJob();
      await subject.data.task.add(job, { id: "missing", commandLine: "/no/such/program" });
      const { executionInfo } = await completed(job, "missing");
      expect(executionInfo).toMatchObject({
        result: "failure",
        failureInfo: { code: "CommandProgramNotFound" },
      });
    });

    test("a task over its time is ended", async () => {
      const job = await addJob();
      const constraints = { maxWallClockTime: "PT0.3S" };
      await subject.data.task.add(job, { id: "slow", commandLine: "/bin/sleep 600", constraints });
      const { executionInfo } = await completed(job, "slow");
      expect(executionInfo).toMatchObject({ result: "failure", failureInfo: { code: "TaskEnded" } });
    });

    test("no more tasks run than there are slots; the job ends with its last task", async () => {
      const job = await addJob({ onAllTasksComplete: "noaction" });
      const ids = ["a", "b", "c", "d"];
      const tasks = ids.map((id) => ({ id, commandLine: "/bin/sleep 0.3" }));
      const added = await subject.data.task.addCollection(job, tasks);
      expect(added.value?.map(({ status }) => status)).toEqual(ids.map(() => "success"));
      const { data } = subject;
      await eventually(async () => {
        expect((await data.job.getTaskCounts(job)).taskCounts).toMatchObject({ active: 2, running: 2 });
      });
      await eventually(async () => {
        const options = { taskListOptions: { filter: "state eq 'running'", select: "id" } };
        const running = await data.task.list(job, options);
        expect(running.map((task) => task)).toEqual([{ id: "a" }, { id: "b" }]);
      });
      await data.job.patch(job, { onAllTasksComplete: "terminatejob" });
      const ended = await eventually(async () => {
        const found = await data.job.get(job);
        expect(found.state).toBe("completed");
        return found;
      });
      expect(ended.executionInfo?.terminateReason).toBe("AllTasksComplete");
      expect((await data.job.getTaskCounts(job)).taskCounts).toMatchObject({ succeeded: 4, failed: 0 });
    });

    test("a job told to end with its tasks ends at once while it has none", async () => {
      const job = await addJob({ onAllTasksComplete: "terminatejob" });
      await eventually(async () => {
        expect((await subject.data.job.get(job)).state).toBe("completed");
      });
    });

    test("lists come in pages", async () => {
      const job = await addJob();
      const ids = Array.from({ length: 5 }, (_, index) => `task-${index}`);
      await subject.data.task.addCollection(
        job,
        ids.map((id) => ({ id, commandLine: "/bin/true" })),
      );
      const listed = await subject.data.task.list(job, { taskListOptions: { maxResults: 2 } });
      expect(listed).toHaveLength(2);
      const more = await subject.data.task.listNext(listed.odatanextLink!);
      const last = await subject.data.task.listNext(more.odatanextLink!);
      expect([...listed, ...more, ...last].map(({ id }) => id)).toEqual(ids);
      expect(last.odatanextLink).toBeUndefined();
    });

    test("ending a task, a job, and deleting a job leave nothing running", async () => {
      const { data } = subject;
      const job = await addJob();
      await data.task.addCollection(
        job,
        ["one", "two"].map((id) => ({ id, commandLine: "/bin/sleep 600" })),
      );
      await eventually(async () => {
        expect((await data.task.get(job, "one")).state).toBe("running");
      });
      await data.task.terminate(job, "one");
      const one = await completed(job, "one");
      expect(one.executionInfo?.failureInfo).toMatchObject({ code: "TaskEnded" });
      await data.job.terminate(job, { jobTerminateOptions: {}, terminateReason: "Enough" });
      await completed(job, "two");
      await eventually(async () => {
        const found = await data.job.get(job);
        expect(found).toMatchObject({ state: "completed", executionInfo: { terminateReason: "Enough" } });
      });
      await expect(data.task.add(job, { id: "late", commandLine: "/bin/true" })).rejects.toMatchObject({
        statusCode: 409,
        code: "JobCompleted",
      });
      await data.job.deleteMethod(job);
      await eventually(async () => {
        await expect(data.job.get(job)).rejects.toMatchObject({ statusCode: 404, code: "JobNotFound" });
      });
    });

    test("what exists already, and what does not exist", async () => {
      const { data } = subject;
      const job = await addJob();
      await expect(data.job.add({ id: job, poolInfo: { poolId } })).rejects.toMatchObject({
        code: "JobExists",
      });
      await data.task.add(job, { id: "same", commandLine: "/bin/true" });
      await expect(data.task.add(job, { id: "same", commandLine: "/bin/true" })).rejects.toMatchObject({
        code: "TaskExists",
      });
      const { value } = await data.task.addCollection(job, [{ id: "same", commandLine: "/bin/true" }]);
      expect(value?.[0]).toMatchObject({ status: "clienterror", error: { code: "TaskExists" } });
      await expect(data.task.get(job, "other")).rejects.toMatchObject({
        statusCode: 404,
        code: "TaskNotFound",
      });
      await expect(data.job.add({ id: "x", poolInfo: { poolId: "no-such-pool" } })).rejects.toMatchObject({
        code: "PoolNotFound",
      });
      await expect(data.pool.get("no-such-pool")).rejects.toMatchObject({ code: "PoolNotFound" });
    });

    describeBatchSizes(() => ({ ...subject, poolId }));
  });
}
