import type { Stats } from "node:fs";
import { readdir, readFile, stat } from "node:fs/promises";
import { join, normalize, sep } from "node:path";
import { jsonResponse, type WebRequest, type WebResponse } from "../../web-server.ts";
import type { BatchNode, Json } from "../account.ts";
import { BatchError } from "../errors.ts";
import { findPool } from "../pools.ts";
import type { Call, CallInput } from "./call.ts";
import { toPage } from "./odata.ts";
import { findNode } from "./pool-calls.ts";
import { findTask } from "./task-calls.ts";

/** Where files are, and the path clients know them by. */
interface Place {
  readonly folder: string;
  /** `{account}/jobs/{job}/tasks/{task}/files` */
  readonly url: string;
}

/** The files of a task: stdout.txt, stderr.txt and what it writes into wd/. */
export const listFiles: Call = async (input) => list(input, placeOfTask(input));
export const getFile: Call = async (input) => get(input, placeOfTask(input));

/** The files of a node: startup/, shared/ and workitems/{job}/job-1/{task}/. */
export const listNodeFiles: Call = async (input) => list(input, placeOfNode(input));
export const getNodeFile: Call = async (input) => get(input, placeOfNode(input));

async function list({ request }: CallInput, place: Place): Promise<WebResponse> {
  const recursive = request.url.searchParams.get("recursive") === "true";
  const names = await readdir(place.folder, { recursive }).catch(() => {
    throw filesUnavailable();
  });
  const files = names
    .sort()
    .map(async (name) => toFileView(`${place.url}/${name}`, name, await stat(join(place.folder, name))));
  return jsonResponse(200, toPage(request.url, await Promise.all(files)));
}

/** GET gives the content, or the part `ocp-range` names; HEAD only the properties. */
async function get({ request, ids }: CallInput, place: Place): Promise<WebResponse> {
  const path = normalize(join(place.folder, ids.file));
  if (!path.startsWith(place.folder + sep)) throw fileNotFound();
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
}

function placeOfTask({ account, ids }: CallInput): Place {
  const { attempt } = findTask(account, ids.job, ids.task);
  const node = attempt && account.pools.get(attempt.poolId)?.nodes.get(attempt.nodeId);
  if (!node || node.state === "preempted") throw filesUnavailable();
  requireUsable(node);
  return { folder: attempt.folder, url: `${account.url}/jobs/${ids.job}/tasks/${ids.task}/files` };
}

function placeOfNode({ account, ids }: CallInput): Place {
  const node = findNode(findPool(account, ids.pool), ids.node);
  requireUsable(node);
  return { folder: node.folder, url: `${account.url}/pools/${ids.pool}/nodes/${ids.node}/files` };
}

function requireUsable({ state }: BatchNode): void {
  if (state !== "unusable") return;
  const message = "The specified operation cannot be performed on a node whose state is Unusable.";
  throw new BatchError(409, "NodeStateUnusable", message);
}

function toFileView(url: string, name: string, properties: Stats): Json {
  return {
    ...{ name, url, isDirectory: properties.isDirectory() },
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
