import pRetry from "p-retry";
import { EndedEvent, type TargetMessage } from "../../model/messages.ts";
import { stateContainer, stateFile } from "../../model/run-files.ts";
import type { Files } from "../../services/services.ts";

/** About ten seconds: after that the message is left to be delivered again, which finds the journal. */
const retries = { retries: 5, minTimeout: 250, factor: 2, randomize: true } as const;

/** Where a target's result record is; it is the truth when events are lost. */
function toResultPath({ runId, bucket, target }: TargetMessage): string {
  return stateFile.result(runId, bucket, target.id);
}

/** Written before the message is completed. @throws Failure when Blob refuses for longer than the retries last */
export async function writeResult(files: Files, message: TargetMessage, event: EndedEvent): Promise<void> {
  const path = toResultPath(message);
  await pRetry(() => files.write(stateContainer, path, JSON.stringify(event)), retries);
}

/** What an earlier delivery left. @returns undefined when there is nothing, or nothing that can be read */
export async function readResult(files: Files, message: TargetMessage): Promise<EndedEvent | undefined> {
  const bytes = await pRetry(() => files.read(stateContainer, toResultPath(message)), retries);
  if (!bytes) return undefined;
  try {
    return EndedEvent.parse(JSON.parse(Buffer.from(bytes).toString("utf8")));
  } catch {
    return undefined;
  }
}
