import { type Account, type Job, now, type Task } from "./account.ts";
import { changeTask, endAttempt, endedByUser } from "./task-run.ts";

/** Ending and disabling jobs and tasks. */

/** Ends the job's tasks, then the job. */
export async function terminateJob(account: Account, job: Job, reason: string): Promise<void> {
  if (!isOpen(job)) return;
  job.terminateReason = reason;
  changeJob(account, job, "terminating");
  await Promise.all([...job.tasks.values()].map((task) => terminateTask(account, task)));
  job.endedAt = now(account);
  changeJob(account, job, "completed");
}

/** Ends the job's tasks, then removes the job. */
export async function deleteJob(account: Account, job: Job): Promise<void> {
  changeJob(account, job, "deleting");
  await Promise.all([...job.tasks.values()].map((task) => terminateTask(account, task)));
  account.jobs.delete(job.id);
}

/** Neither at its end nor on its way there. */
const isOpen = ({ state }: Job): boolean => ["active", "disabling", "disabled"].includes(state);

/** What becomes of the tasks that run. */
export type DisableTasks = "requeue" | "terminate" | "wait";

/** Starts no more of the job's tasks; resolves when none runs any more. */
export async function disableJob(account: Account, job: Job, tasks: DisableTasks): Promise<void> {
  changeJob(account, job, "disabling");
  const running = [...job.tasks.values()].filter(isRunning).flatMap(({ attempt }) => attempt ?? []);
  if (tasks !== "wait") for (const attempt of running) endAttempt(account, attempt, tasks);
  await Promise.all(running.map(({ done }) => done.promise));
  if (job.state === "disabling") changeJob(account, job, "disabled");
}

export const enableJob = (account: Account, job: Job): void => {
  changeJob(account, job, "active");
};

/** Completes a task, whatever its state; resolves when its process is gone. */
export async function terminateTask(account: Account, task: Task): Promise<void> {
  if (task.attempt && isRunning(task)) {
    endAttempt(account, task.attempt, "terminate");
    await task.attempt.done.promise;
  }
  // Waiting, sent back to wait because its node left in the same moment, or said to run on a broken node.
  if (task.state === "completed") return;
  task.failure = endedByUser;
  changeTask(account, task, "completed");
}

export const isRunning = ({ state }: Task): boolean => state === "preparing" || state === "running";

function changeJob(account: Account, job: Job, state: Job["state"]): void {
  job.state = state;
  job.changedAt = now(account);
  account.wake();
}
