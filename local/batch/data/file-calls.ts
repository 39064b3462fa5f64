import type { Stats } from "node:fs";
import { readdir, readFile, stat } from "node:fs/promises";
import { join, normalize, sep } from "node:path";
import { jsonResponse, type WebRequest } from "../../web-server.ts";
import type { Account, Json } from "../account.ts";
import { BatchError } from "../errors.ts";
import type { Call, CallInput } from "./call.ts";
import { toPage } from "./odata.ts";
import { findTask } from "./task-calls.ts";

/** The files of a task: stdout.txt, stderr.txt and what it writes into wd/. */

export const listFiles: Call = async ({ account, request, ids }) => {
  const folder = folderOf(account, ids);
  const recursive = request.url.searchParams.get("recursive") === "true";
  const names = await readdir(folder, { recursive }).catch(() => {
    throw filesUnavailable();
  });
  const files = names
    .sort()
    .map(async (name) => toFileView(account, ids, name, await stat(join(folder, name))));
  return jsonResponse(200, toPage(request.url, await Promise.all(files)));
};

/** GET gives the content, or the part `ocp-range` names; HEAD only the properties. */
export const getFile: Call = async ({ account, request, ids }) => {
  const path = normalize(join(folderOf(account, ids), ids.file));
  if (!path.startsWith(folderOf(account, ids) + sep)) throw fileNotFound();
  const properties = await stat(path).catch(() => {
    throw fileNotFound();
  });
  const headers = toFileHeaders(properties);
  if (properties.isDirectory() || request.method === "HEAD") {
    return { status: 200, headers: { ...headers, "content-length": String(properties.size) } };
  }
  const content = await readFile(path);
  // A part is answered 200 too: the client libraries know no 206.
  const { start, end } = parseRange(request);
  return { status: 200, headers, body: content.subarray(start, end) };
};

function folderOf(account: Account, ids: CallInput["ids"]): string {
  const { attempt } = findTask(account, ids.job, ids.task);
  const node = attempt && account.pools.get(attempt.poolId)?.nodes.get(attempt.nodeId);
  if (!node || node.state === "preempted") throw filesUnavailable();
  if (node.state === "unusable") {
    const message = "The specified operation cannot be performed on a node whose state is Unusable.";
    throw new BatchError(409, "NodeStateUnusable", message);
  }
  return attempt.folder;
}

function toFileView(account: Account, ids: CallInput["ids"], name: string, properties: Stats): Json {
  return {
    name,
    url: `${account.url}/jobs/${ids.job}/tasks/${ids.task}/files/${name}`,
    isDirectory: properties.isDirectory(),
    properties: {
      creationTime: properties.birthtime.toISOString(),
      lastModified: properties.mtime.toISOString(),
      contentLength: String(properties.size),
      contentType: "application/octet-stream",
    },
  };
}

function toFileHeaders(properties: Stats): Record<string, string> {
  return {
    "content-type": "application/octet-stream",
    "last-modified": properties.mtime.toUTCString(),
    "ocp-creation-time": properties.birthtime.toUTCString(),
    "ocp-batch-file-isdirectory": String(properties.isDirectory()),
    "ocp-batch-file-mode": `0${(properties.mode & 0o777).toString(8)}`,
  };
}

/** `bytes={first}-{last}`, the last included; open at the end without it; everything when there is no range. */
function parseRange({ headers }: WebRequest): { start: number; end: number | undefined } {
  const [, first = "0", last = ""] = /^bytes=(\d+)-(\d*)$/.exec(headers["ocp-range"] ?? "") ?? [];
  return { start: Number(first), end: last === "" ? undefined : Number(last) + 1 };
}

const fileNotFound = (): BatchError =>
  new BatchError(404, "FileNotFound", "The specified file does not exist.");

/** The task has not started, or the node that held its files is gone. */
const filesUnavailable = (): BatchError =>
  new BatchError(409, "TaskFilesUnavailable", "The task files are unavailable.");
