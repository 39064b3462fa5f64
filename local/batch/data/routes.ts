import type { WebRequest, WebResponse } from "../../web-server.ts";
import type { Account } from "../account.ts";
import { BatchError } from "../errors.ts";
import { listImages, listNodeCounts } from "./account-calls.ts";
import type { Call } from "./call.ts";
import { getFile, getNodeFile, listFiles, listNodeFiles } from "./file-calls.ts";
import {
  addJob,
  countTasks,
  endJob,
  getJob,
  listJobs,
  patchJob,
  removeJob,
  resumeJob,
  stopJob,
} from "./job-calls.ts";
import { getNode, getPool, listNodes, listPools, removeNodes } from "./pool-calls.ts";
import { addPool, patchPool, removePool, resizePool } from "./pool-writes.ts";
import { addTask, addTasks, endTask, getTask, listTasks, reactivateTask, removeTask } from "./task-calls.ts";

const job = "/jobs/(?<job>[^/]+)";
const task = `${job}/tasks/(?<task>[^/]+)`;
const pool = "/pools/(?<pool>[^/]+)";
const node = `${pool}/nodes/(?<node>[^/]+)`;

const routes: readonly (readonly [method: string, path: RegExp, call: Call])[] = (
  [
    ["POST", "/jobs", addJob],
    ["GET", "/jobs", listJobs],
    ["GET", job, getJob],
    ["PATCH", job, patchJob],
    ["DELETE", job, removeJob],
    ["POST", `${job}/terminate`, endJob],
    ["POST", `${job}/disable`, stopJob],
    ["POST", `${job}/enable`, resumeJob],
    ["GET", `${job}/taskcounts`, countTasks],
    ["POST", `${job}/addtaskcollection`, addTasks],
    ["POST", `${job}/tasks`, addTask],
    ["GET", `${job}/tasks`, listTasks],
    ["GET", task, getTask],
    ["DELETE", task, removeTask],
    ["POST", `${task}/terminate`, endTask],
    ["POST", `${task}/reactivate`, reactivateTask],
    ["GET", `${task}/files`, listFiles],
    ["GET", `${task}/files/(?<file>.+)`, getFile],
    ["HEAD", `${task}/files/(?<file>.+)`, getFile],
    ["GET", "/nodecounts", listNodeCounts],
    ["GET", "/supportedimages", listImages],
    ["POST", "/pools", addPool],
    ["GET", "/pools", listPools],
    ["GET", pool, getPool],
    ["HEAD", pool, getPool],
    ["PATCH", pool, patchPool],
    ["DELETE", pool, removePool],
    ["POST", `${pool}/resize`, resizePool],
    ["GET", `${pool}/nodes`, listNodes],
    ["GET", node, getNode],
    ["GET", `${node}/files`, listNodeFiles],
    ["GET", `${node}/files/(?<file>.+)`, getNodeFile],
    ["HEAD", `${node}/files/(?<file>.+)`, getNodeFile],
    ["POST", `${pool}/removenodes`, removeNodes],
  ] as const
).map(([method, path, call]) => [method, new RegExp(`^${path}/?$`), call]);

/** @throws BatchError when the call is refused or not imitated. */
export async function answerData(account: Account, request: WebRequest): Promise<WebResponse> {
  const path = decodeURIComponent(request.url.pathname);
  for (const [method, pattern, call] of routes) {
    const match = method === request.method ? pattern.exec(path) : null;
    if (!match) continue;
    const ids = { job: "", task: "", pool: "", node: "", file: "", ...match.groups };
    return call({ account, request, ids });
  }
  throw new BatchError(404, "ResourceNotFound", `${request.method} ${path} is not imitated.`);
}
