import { createReadStream } from "node:fs";
import { access, open, readFile } from "node:fs/promises";
import { Readable } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import type { Cluster } from "../cluster.ts";
import { badRequest } from "../errors.ts";
import type { Pod } from "../objects.ts";
import type { PodRun } from "./pod-run.ts";

/** How often a followed log is looked at, in milliseconds. */
const followInterval = 50;

/**
 * The container's output, standard and error in one: whole, or for as long as it goes on. `tailLines`,
 * `limitBytes`, `previous` and `follow` are understood; times are not kept by line.
 */
export async function readLog(
  cluster: Cluster,
  pod: Pod,
  query: URLSearchParams,
): Promise<string | Readable> {
  const run = cluster.runs.get(pod.metadata.uid);
  const isPrevious = query.get("previous") === "true";
  const file = run?.logs.at(isPrevious ? -2 : -1);
  // The process that writes it may be about to start.
  const isThere =
    file !== undefined &&
    (await access(file).then(
      () => true,
      () => false,
    ));
  if (!run || !isThere) throw notStarted(pod, isPrevious);
  const isWhole = !["tailLines", "limitBytes"].some((name) => query.has(name));
  if (isWhole && query.get("follow") !== "true") return createReadStream(file);
  const whole = await readFile(file);
  const text = cut(whole.toString(), query);
  if (query.get("follow") !== "true" || isPrevious) return text;
  return Readable.from(follow(run, file, { text, position: whole.length }), { objectMode: false });
}

function cut(text: string, query: URLSearchParams): string {
  const [tail, limit] = [query.get("tailLines"), query.get("limitBytes")];
  const lines = text.split(/(?<=\n)/);
  const end = tail === null ? text : lines.slice(Math.max(0, lines.length - Number(tail))).join("");
  return limit === null ? end : Buffer.from(end).subarray(0, Number(limit)).toString();
}

async function* follow(
  run: PodRun,
  file: string,
  start: { readonly text: string; readonly position: number },
): AsyncGenerator<Buffer> {
  await using handle = await open(file, "r");
  let { position } = start;
  if (start.text !== "") yield Buffer.from(start.text);
  for (;;) {
    // Asked before reading: what is written until then belongs to it.
    const isLast = run.isOver;
    const { bytesRead, buffer } = await handle.read({ buffer: Buffer.alloc(65_536), position });
    if (bytesRead > 0) {
      position += bytesRead;
      yield buffer.subarray(0, bytesRead);
    } else if (isLast || run.logs.at(-1) !== file) return;
    else await delay(followInterval);
  }
}

function notStarted(pod: Pod, isPrevious: boolean): Error {
  const [status] = pod.status.containerStatuses ?? [];
  const { name } = pod.metadata;
  const container = pod.spec.containers[0]?.name ?? "";
  if (isPrevious)
    return badRequest(`previous terminated container "${container}" in pod "${name}" not found`);
  const reason = status?.state.waiting?.reason ?? "ContainerCreating";
  return badRequest(`container "${container}" in pod "${name}" is waiting to start: ${reason}`);
}
