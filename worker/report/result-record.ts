import pRetry from "p-retry";
import { EndedEvent, isNewer, toMessageAddress, type TargetMessage } from "../../model/messages.ts";
import { stateContainer, stateFile } from "../../model/run-files.ts";
import type { Files } from "../../services/services.ts";

/** About ten seconds: after that the message is left to be delivered again, which finds the journal. */
const retries = { retries: 5, minTimeout: 250, factor: 2, randomize: true } as const;

/** Where a target's result record is; it is the truth when events are lost. */
function toResultPath({
  runId,
  bucket,
  targetId,
}: Pick<EndedEvent, "runId" | "bucket" | "targetId">): string {
  return stateFile.result(runId, bucket, targetId);
}

/**
 * Written before the message is completed, and never over the record of a later delivery: a worker that stood still
 * for so long that another one had its target has nothing to say any more.
 * @returns false when there is a later record
 * @throws Failure when Blob refuses for longer than the retries last
 */
export function writeResult(files: Files, event: EndedEvent): Promise<boolean> {
  const path = toResultPath(event);
  const text = JSON.stringify(event);
  return pRetry(async () => {
    if (await files.writeOver(stateContainer, path, text, undefined)) return true;
    const found = await files.readChanged(stateContainer, path, undefined);
    const isThere = found !== undefined && found !== "unchanged";
    const known = isThere ? parseRecord(found.content) : undefined;
    if (known && isNewer(known.position, event.position)) return false;
    if (isThere && (await files.writeOver(stateContainer, path, text, found.etag))) return true;
    throw new Error("The result record was changed by another worker at the same time.");
  }, retries);
}

/** What an earlier delivery left. @returns undefined when there is nothing, or nothing that can be read */
export async function readResult(files: Files, message: TargetMessage): Promise<EndedEvent | undefined> {
  const bytes = await pRetry(
    () => files.read(stateContainer, toResultPath(toMessageAddress(message))),
    retries,
  );
  return bytes && parseRecord(bytes);
}

function parseRecord(bytes: Uint8Array): EndedEvent | undefined {
  try {
    return EndedEvent.parse(JSON.parse(Buffer.from(bytes).toString("utf8")));
  } catch {
    return undefined;
  }
}
