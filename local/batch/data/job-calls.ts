import { jsonBody, jsonResponse, type WebResponse } from "../../web-server.ts";
import { type Account, type Job, type Json, now, poolIdOf, textAt } from "../account.ts";
import { BatchError, invalid, notImitated } from "../errors.ts";
import { deleteJob, disableJob, type DisableTasks, enableJob, isRunning, terminateJob } from "../jobs.ts";
import type { Call } from "./call.ts";
import { select, toPage } from "./odata.ts";
import { toETag, toJobView } from "./views.ts";

const unsupported = ["jobManagerTask", "jobPreparationTask", "jobReleaseTask", "networkConfiguration"];

export const addJob: Call = ({ account, request }) => {
  const given = jsonBody(request) ?? {};
  const id = parseId(given);
  if (account.jobs.has(id)) throw new BatchError(409, "JobExists", "The specified job already exists.");
  for (const name of unsupported) if (given[name] !== undefined) throw notImitated(`job.${name}`);
  const at = now(account);
  const job: Job = { id, given, createdAt: at, changedAt: at, state: "active", tasks: new Map() };
  const pool = account.pools.get(poolIdOf(job));
  if (!pool) throw new BatchError(404, "PoolNotFound", "The specified pool does not exist.");
  if (pool.state === "deleting") {
    throw new BatchError(409, "PoolBeingDeleted", "The specified pool is being deleted.");
  }
  account.jobs.set(id, job);
  account.wake();
  return created(account, `jobs/${id}`, at);
};

export const listJobs: Call = ({ account, request }) => {
  const jobs = [...account.jobs.values()].map((job) => toJobView(account, job));
  return jsonResponse(200, toPage(request.url, jobs));
};

export const getJob: Call = ({ account, request, ids }) => {
  const job = findJob(account, ids.job);
  return jsonResponse(200, select(toJobView(account, job), request.url.searchParams.get("$select")), {
    etag: toETag(job.changedAt),
  });
};

export const patchJob: Call = ({ account, request, ids }) => {
  const job = findJob(account, ids.job);
  job.given = { ...job.given, ...jsonBody(request) };
  account.wake();
  return { status: 200 };
};

export const endJob: Call = ({ account, request, ids }) => {
  const job = findJob(account, ids.job);
  if (job.state === "completed") {
    throw new BatchError(409, "JobCompleted", "The specified job is already in a completed state.");
  }
  const reason = textAt(jsonBody(request) ?? {}, "terminateReason") ?? "UserTerminate";
  void terminateJob(account, job, reason);
  return { status: 202 };
};

/** https://learn.microsoft.com/rest/api/batchservice/job/disable */
export const stopJob: Call = ({ account, request, ids }) => {
  const job = findJob(account, ids.job);
  requireOpen(job);
  const tasks = textAt(jsonBody(request) ?? {}, "disableTasks");
  if (!isDisableTasks(tasks)) throw invalid("disableTasks", "is requeue, terminate or wait");
  void disableJob(account, job, tasks);
  return { status: 202 };
};

const isDisableTasks = (text: string | undefined): text is DisableTasks =>
  ["requeue", "terminate", "wait"].includes(text ?? "");

export const resumeJob: Call = ({ account, ids }) => {
  const job = findJob(account, ids.job);
  requireOpen(job);
  enableJob(account, job);
  return { status: 202 };
};

export const removeJob: Call = ({ account, ids }) => {
  void deleteJob(account, findJob(account, ids.job));
  return { status: 202 };
};

export const countTasks: Call = ({ account, ids }) => {
  const tasks = [...findJob(account, ids.job).tasks.values()];
  const completed = tasks.filter(({ state }) => state === "completed");
  const failed = completed.filter(({ failure }) => failure).length;
  const counts = {
    active: tasks.filter(({ state }) => state === "active").length,
    running: tasks.filter(isRunning).length,
    completed: completed.length,
    succeeded: completed.length - failed,
    failed,
  };
  return jsonResponse(200, { taskCounts: counts, taskSlotCounts: counts });
};

export function findJob(account: Account, id: string): Job {
  const job = account.jobs.get(id);
  if (!job) throw new BatchError(404, "JobNotFound", "The specified job does not exist.");
  return job;
}

/** @throws BatchError of a job that is over or ends. */
export function requireOpen({ state }: Job): void {
  const refusals = {
    completed: "JobCompleted",
    terminating: "JobBeingTerminated",
    deleting: "JobBeingDeleted",
  };
  if (state === "active" || state === "disabling" || state === "disabled") return;
  throw new BatchError(409, refusals[state], `The specified job is ${state}.`);
}

/** @throws BatchError unless `id` is 1 to 64 letters, digits, hyphens and underscores. */
export function parseId(given: Json): string {
  const id = textAt(given, "id") ?? "";
  if (!/^[\w-]{1,64}$/.test(id)) throw invalid("id", "must be 1 to 64 letters, digits, - and _");
  return id;
}

export function created(account: Account, path: string, at: number): WebResponse {
  const url = `${account.url}/${path}`;
  const headers = {
    location: url,
    dataserviceid: url,
    etag: toETag(at),
    "last-modified": new Date(at).toUTCString(),
  };
  return { status: 201, headers };
}
