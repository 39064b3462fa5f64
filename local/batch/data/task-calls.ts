import { isRecord, jsonBody, jsonResponse } from "../../web-server.ts";
import { type Account, type Job, type Json, listAt, now, type Task, textAt } from "../account.ts";
import { BatchError, invalid, notImitated } from "../errors.ts";
import { terminateTask } from "../jobs.ts";
import { changeTask } from "../task-run.ts";
import type { Call } from "./call.ts";
import { created, findJob, parseId, requireOpen } from "./job-calls.ts";
import { select, toPage } from "./odata.ts";
import { toETag, toTaskView, toTime } from "./views.ts";

/** https://learn.microsoft.com/rest/api/batchservice/task/add-collection */
const maximumTasksPerCall = 100;
const unsupported = [
  "multiInstanceSettings",
  "dependsOn",
  "resourceFiles",
  "outputFiles",
  "applicationPackageReferences",
];

export const addTask: Call = ({ account, request, ids }) => {
  const task = queueTask(account, findJob(account, ids.job), jsonBody(request) ?? {});
  return created(account, `jobs/${ids.job}/tasks/${task.id}`, task.createdAt);
};

export const addTasks: Call = ({ account, request, ids }) => {
  const job = findJob(account, ids.job);
  const tasks = listAt(jsonBody(request) ?? {}, "value");
  if (tasks.length > maximumTasksPerCall)
    throw invalid("value", `holds more than ${maximumTasksPerCall} tasks`);
  return jsonResponse(200, { value: tasks.map((given) => addOne(account, job, given)) });
};

export const listTasks: Call = ({ account, request, ids }) => {
  const tasks = [...findJob(account, ids.job).tasks.values()].map((task) => toTaskView(account, task));
  return jsonResponse(200, toPage(request.url, tasks));
};

export const getTask: Call = ({ account, request, ids }) => {
  const task = findTask(account, ids.job, ids.task);
  return jsonResponse(200, select(toTaskView(account, task), request.url.searchParams.get("$select")), {
    etag: toETag(task.createdAt),
  });
};

export const endTask: Call = ({ account, ids }) => {
  const task = findTask(account, ids.job, ids.task);
  if (task.state === "completed") {
    throw new BatchError(409, "TaskCompleted", "The specified task is already in a completed state.");
  }
  void terminateTask(account, task);
  return { status: 204 };
};

export const removeTask: Call = async ({ account, ids }) => {
  const task = findTask(account, ids.job, ids.task);
  await terminateTask(account, task);
  findJob(account, ids.job).tasks.delete(task.id);
  return { status: 200 };
};

export const reactivateTask: Call = ({ account, ids }) => {
  const task = findTask(account, ids.job, ids.task);
  requireOpen(findJob(account, ids.job));
  if (task.state !== "completed" || !task.failure) {
    throw new BatchError(409, "OperationInvalidForCurrentState", "Only a failed task can be reactivated.");
  }
  task.retries = 0;
  delete task.failure;
  changeTask(account, task, "active");
  account.wake();
  return { status: 204 };
};

export function findTask(account: Account, jobId: string, taskId: string): Task {
  const task = findJob(account, jobId).tasks.get(taskId);
  if (!task) throw new BatchError(404, "TaskNotFound", "The specified task does not exist.");
  return task;
}

function addOne(account: Account, job: Job, given: Json): Json {
  try {
    const { id, createdAt } = queueTask(account, job, isRecord(given) ? given : {});
    const location = `${account.url}/jobs/${job.id}/tasks/${id}`;
    return {
      status: "success",
      taskId: id,
      eTag: toETag(createdAt),
      lastModified: toTime(createdAt),
      location,
    };
  } catch (error) {
    if (!(error instanceof BatchError)) throw error;
    const { code, message } = error;
    return {
      status: "clienterror",
      taskId: given["id"],
      error: { code, message: { lang: "en-US", value: message } },
    };
  }
}

function queueTask(account: Account, job: Job, given: Json): Task {
  requireOpen(job);
  const id = parseId(given);
  if (job.tasks.has(id)) throw new BatchError(409, "TaskExists", "The specified task already exists.");
  for (const name of unsupported) {
    if (given[name] !== undefined) throw notImitated(`task.${name}`);
  }
  if (!textAt(given, "commandLine")?.trim()) throw invalid("commandLine", "is required");
  const at = now(account);
  const facts = { id, jobId: job.id, given, createdAt: at, changedAt: at };
  const task: Task = { ...facts, state: "active", retries: 0, requeues: 0 };
  job.tasks.set(id, task);
  account.wake();
  return task;
}
