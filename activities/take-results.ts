import type { RunId, TargetId } from "../model/ids.ts";
import { EndedEvent } from "../model/messages.ts";
import { stateContainer, stateFile } from "../model/run-files.ts";
import { isFinished, type Target } from "../model/target.ts";
import type { Services } from "../services/services.ts";
import { readBucket } from "./read-bucket.ts";

/** Result records read side by side. */
const readsAtOnce = 16;

/**
 * Applies the result records of a bucket's open targets; @returns those that are open still. A record that is older
 * than what was heard since (the message came again, and another worker began) does not close its target.
 */
export async function takeResults(
  services: Services,
  runId: RunId,
  bucket: number,
): Promise<readonly Target[]> {
  const targets = await readBucket(services, runId, bucket);
  const open = await selectOpen(services, { runId, bucket }, targets);
  if (open.length === 0) return [];
  const events = await readResults(services, runId, bucket, new Set(open.map(({ id }) => id)));
  if (events.length === 0) return open;
  await services.progress.apply(runId, bucket, events);
  return selectOpen(services, { runId, bucket }, open);
}

async function selectOpen(
  { progress }: Services,
  { runId, bucket }: { readonly runId: RunId; readonly bucket: number },
  targets: readonly Target[],
): Promise<readonly Target[]> {
  const records = await progress.records(runId, bucket);
  const finished = new Set(records.filter(({ state }) => isFinished(state)).map(({ targetId }) => targetId));
  return targets.filter(({ id }) => !finished.has(id));
}

async function readResults(
  { files }: Services,
  runId: RunId,
  bucket: number,
  wanted: ReadonlySet<TargetId>,
): Promise<readonly EndedEvent[]> {
  const paths = await listResults({ files }, runId, bucket);
  const known = paths.filter((path) => wanted.has(toTargetIdOf(path)));
  const events: EndedEvent[] = [];
  for (let start = 0; start < known.length; start += readsAtOnce) {
    const part = known.slice(start, start + readsAtOnce);
    const contents = await Promise.all(part.map((path) => files.read(stateContainer, path)));
    events.push(...contents.map(parseResult).filter((event) => event !== undefined));
  }
  return events;
}

async function listResults(
  { files }: Pick<Services, "files">,
  runId: RunId,
  bucket: number,
): Promise<readonly string[]> {
  const paths: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await files.list(stateContainer, stateFile.results(runId, bucket), { cursor });
    paths.push(...page.files.map(({ path }) => path));
    cursor = page.cursor;
  } while (cursor);
  return paths;
}

function toTargetIdOf(path: string): TargetId {
  return path.slice(path.lastIndexOf("/") + 1, -".json".length) as TargetId;
}

/** A record nobody can read is none: its target is sent again, and the journal in the database knows the rest. */
function parseResult(content: Uint8Array | undefined): EndedEvent | undefined {
  if (!content) return undefined;
  try {
    return EndedEvent.parse(JSON.parse(Buffer.from(content).toString("utf8")));
  } catch {
    return undefined;
  }
}
