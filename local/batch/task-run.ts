import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import {
  type Account,
  type Attempt,
  type BatchNode,
  type FailureInfo,
  type Job,
  now,
  numberAt,
  recordAt,
  type Task,
  type TaskState,
  textAt,
} from "./account.ts";
import { TaskNotStarted, type TaskProcess } from "../process/agent.ts";
import { createDeferred } from "../deferred.ts";
import { splitCommandLine } from "./command-line.ts";
import { toMilliseconds } from "./duration.ts";
import { toEnvironmentSettings, toNodeEnvironment } from "./environment.ts";
import { findTaskImageProblem } from "./images.ts";
import type { TaskOrder } from "../process/node-agent.ts";

/** One start of a task, from the choice of a node to what its end means. */

/** Runs the task on the node and settles its state. The node's slot is taken before this returns. */
export async function runTask(account: Account, job: Job, task: Task, node: BatchNode): Promise<void> {
  const folder = join(node.folder, "workitems", job.id, "job-1", task.id);
  const place = { nodeId: node.id, poolId: node.poolId, folder };
  const attempt: Attempt = { task, ...place, startedAt: now(account), done: createDeferred() };
  task.attempt = attempt;
  delete task.failure;
  node.attempts.add(attempt);
  changeTask(account, task, "preparing");
  const refusal = account.startFailures.shift() ?? findImage(account, task, node);
  if (refusal) task.failure = refusal;
  else await runProcess(account, job, attempt, node);
  attempt.endedAt = now(account);
  node.attempts.delete(attempt);
  settle(account, attempt);
  attempt.done.resolve();
  account.wake();
}

function findImage(account: Account, task: Task, node: BatchNode): FailureInfo | undefined {
  const pool = account.pools.get(node.poolId);
  return pool && findTaskImageProblem(account, pool, task.given);
}

/** Ends a task that runs or is about to. What it means for the task is decided when it has ended. */
export function endAttempt(account: Account, attempt: Attempt, why: NonNullable<Attempt["ending"]>): void {
  attempt.ending ??= why;
  attempt.process?.end(account.settings.graceMilliseconds);
}

export function changeTask(account: Account, task: Task, state: TaskState): void {
  task.state = state;
  task.changedAt = now(account);
}

async function runProcess(account: Account, job: Job, attempt: Attempt, node: BatchNode): Promise<void> {
  const process = await startProcess(account, job, attempt, node);
  if (!process) return;
  attempt.process = process;
  if (attempt.ending) process.end(account.settings.graceMilliseconds);
  changeTask(account, attempt.task, "running");
  account.settings.onTaskStart({
    ...{ poolId: attempt.poolId, nodeId: attempt.nodeId, jobId: job.id, taskId: attempt.task.id },
    pid: process.pid,
  });
  const cancel = limitTime(account, attempt);
  const exitCode = await process.ended;
  cancel();
  if (exitCode === undefined) attempt.ending ??= "requeue";
  else attempt.exitCode = exitCode;
}

/** `undefined` when nothing runs: the attempt then says whether the program or the node was missing. */
async function startProcess(
  account: Account,
  job: Job,
  attempt: Attempt,
  node: BatchNode,
): Promise<TaskProcess | undefined> {
  try {
    await mkdir(join(attempt.folder, "wd"), { recursive: true });
    const process = await node.host?.agent.start(toOrder(account, job, attempt, node));
    if (!process) attempt.ending ??= "requeue";
    return process;
  } catch (error) {
    if (error instanceof TaskNotStarted) attempt.task.failure = programFailure(error);
    else attempt.ending ??= "requeue";
    return undefined;
  }
}

function toOrder(account: Account, job: Job, attempt: Attempt, node: BatchNode): TaskOrder {
  const { task, folder } = attempt;
  const [file = "", ...args] = splitCommandLine(textAt(task.given, "commandLine") ?? "");
  return {
    key: `${job.id}/${task.id}/${task.retries}/${task.requeues}`,
    file,
    args,
    folder: join(folder, "wd"),
    stdout: join(folder, "stdout.txt"),
    stderr: join(folder, "stderr.txt"),
    env: {
      ...toNodeEnvironment(account, node),
      ...toEnvironmentSettings(job.given, "commonEnvironmentSettings"),
      ...toEnvironmentSettings(task.given),
      AZ_BATCH_JOB_ID: job.id,
      AZ_BATCH_TASK_ID: task.id,
      AZ_BATCH_TASK_DIR: folder,
      AZ_BATCH_TASK_WORKING_DIR: join(folder, "wd"),
    },
  };
}

/** Ends the task when its `maxWallClockTime` is over. Returns how to call that off. */
function limitTime(account: Account, attempt: Attempt): () => void {
  const limit = toMilliseconds(textAt(recordAt(attempt.task.given, "constraints"), "maxWallClockTime"));
  if (limit === undefined) return () => undefined;
  return account.settings.clock.after(limit, () => {
    endAttempt(account, attempt, "timeout");
  });
}

/** Back to the queue, tried again, or completed. Of what was stranded nobody hears an end. */
function settle(account: Account, attempt: Attempt): void {
  const { task } = attempt;
  if (attempt.ending === "stranded") return;
  if (attempt.ending === "requeue") {
    task.requeues += 1;
    task.requeuedAt = now(account);
    changeTask(account, task, "active");
    return;
  }
  const problem = task.failure ?? toFailure(attempt);
  if (problem) task.failure = problem;
  const isAgain = problem !== undefined && mayRetry(attempt);
  if (isAgain) task.retries += 1;
  changeTask(account, task, isAgain ? "active" : "completed");
}

function mayRetry({ task, ending, exitCode }: Attempt): boolean {
  const limit = numberAt(recordAt(task.given, "constraints"), "maxTaskRetryCount") ?? 0;
  return ending === undefined && exitCode !== undefined && (limit === -1 || task.retries < limit);
}

const failure = (code: string, message: string): FailureInfo => ({ category: "usererror", code, message });

export const endedByUser = failure("TaskEnded", "Task Was Ended by User Request");

function toFailure({ ending, exitCode }: Attempt): FailureInfo | undefined {
  if (ending === "terminate") return endedByUser;
  if (ending === "timeout")
    return failure("TaskEnded", "The maximum wall clock time constraint has been exceeded");
  if (exitCode === 0) return undefined;
  return failure("FailureExitCode", "The task exited with an exit code representing a failure");
}

function programFailure({ code, message }: TaskNotStarted): FailureInfo {
  return code === "ENOENT"
    ? failure("CommandProgramNotFound", "The specified command program is not found")
    : failure("CommandLaunchFailed", message);
}
