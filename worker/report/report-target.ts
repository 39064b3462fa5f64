import pRetry from "p-retry";
import type { EndedEvent, TargetEvent } from "../../model/messages.ts";
import type { TargetOutcome } from "../../model/target.ts";
import type { EventSender } from "../../services/event-hubs/send-events.ts";
import type { TargetDelivery } from "../../services/service-bus/target-receiver.ts";
import type { Files } from "../../services/services.ts";
import type { WorkerLog } from "../log.ts";
import { writeResult } from "./result-record.ts";
import type { TargetLog } from "./target-log.ts";

export interface Reporter {
  readonly files: Files;
  readonly events: EventSender;
  readonly log: WorkerLog;
  readonly workerId: string;
}

/** Tells that work on a target has begun. */
export function reportStarted(reporter: Reporter, delivery: TargetDelivery): void {
  reporter.events.send({ ...toBase(reporter, delivery, 1), type: "started" });
}

/**
 * Log and result record, event, and only then the message is done with: whatever happens in between, somebody will find
 * the outcome.
 * @returns false when the record could not be written, or a later delivery has written one; the message is then left
 * to be delivered again
 */
export async function reportEnded(
  reporter: Reporter,
  delivery: TargetDelivery,
  outcome: TargetOutcome,
  logs: readonly TargetLog[],
): Promise<boolean> {
  const targetId = delivery.message.target.id;
  const event: EndedEvent = { ...toBase(reporter, delivery, 2), type: "ended", outcome };
  const [isWritten] = await Promise.all([
    writeResult(reporter.files, event).catch((error: unknown) => {
      reporter.log.reportFailed(targetId, "result record", error);
      return false;
    }),
    uploadLogs(reporter, delivery, logs),
  ]);
  if (!isWritten) return false;
  reporter.log.targetEnded(targetId, outcome);
  await settle(reporter, delivery, event);
  return true;
}

/** An earlier delivery got as far as its record: its outcome is told again, as the newest word. */
export async function reportAgain(
  reporter: Reporter,
  delivery: TargetDelivery,
  record: EndedEvent,
): Promise<void> {
  reporter.log.targetRecalled(record.targetId, record.outcome.state);
  await settle(reporter, delivery, { ...record, position: toBase(reporter, delivery, 2).position });
}

async function settle(reporter: Reporter, delivery: TargetDelivery, event: EndedEvent): Promise<void> {
  reporter.events.send(event);
  try {
    await delivery.complete();
  } catch (error) {
    reporter.log.completeFailed(event.targetId, error);
  }
}

function toBase(
  { workerId }: Reporter,
  { message, delivery }: TargetDelivery,
  sequence: number,
): Omit<TargetEvent, "type" | "outcome"> {
  return {
    runId: message.runId,
    targetId: message.target.id,
    bucket: message.bucket,
    position: { round: message.round, delivery, sequence },
    workerId,
    at: new Date().toISOString(),
  };
}

/** A log that cannot be written is a pity, and no reason to keep the outcome back. */
export async function uploadLogs(
  reporter: Reporter,
  delivery: TargetDelivery,
  logs: readonly TargetLog[],
): Promise<void> {
  await Promise.all(
    logs.map(async (log) => {
      try {
        await pRetry(() => log.upload(), { retries: 2, minTimeout: 250, randomize: true });
      } catch (error) {
        reporter.log.reportFailed(delivery.message.target.id, "log", error);
      }
    }),
  );
}
