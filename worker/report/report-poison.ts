import type { EndedEvent, MessageAddress } from "../../model/messages.ts";
import { maxErrorText } from "../../model/target.ts";
import type { PoisonMessage } from "../../services/service-bus/target-receiver.ts";
import type { Reporter } from "./report-target.ts";
import { writeResult } from "./result-record.ts";

/** A message that cannot be read ends its target as failed, where it says which one that is. Never rejects. */
export async function reportPoison(reporter: Reporter, message: PoisonMessage): Promise<void> {
  reporter.log.poisonMessage(message.messageId, message.reason);
  if (!message.address) return;
  const event = toEvent(reporter.workerId, message, message.address);
  try {
    await writeResult(reporter.files, event);
  } catch (error) {
    reporter.log.reportFailed(event.targetId, "result record", error);
  }
  reporter.events.send(event);
}

function toEvent(
  workerId: string,
  { delivery, reason }: PoisonMessage,
  { round, ...address }: MessageAddress,
): EndedEvent {
  const at = new Date().toISOString();
  return {
    ...address,
    ...{ type: "ended", workerId, at },
    position: { round, delivery, sequence: 2 },
    outcome: {
      state: "failed",
      attempts: delivery,
      ...{ startedAt: at, endedAt: at, databases: [] },
      error: {
        code: "PoisonMessage",
        message: `The message cannot be read: ${reason}`.slice(0, maxErrorText),
      },
    },
  };
}
