import type { Outcome } from "../../amqp/outcome.ts";
import type { AmqpMap } from "../../amqp/values.ts";
import type { Settlement } from "../state/message-queue.ts";

/** What a client's outcome does to the message: AMQP's words in Service Bus's meaning. */
export function toSettlement(outcome: Outcome): Settlement {
  switch (outcome.kind) {
    case "accepted":
      return { kind: "complete" };
    case "released":
      return { kind: "abandon", changes: {} };
    case "modified":
      return { kind: outcome.undeliverableHere ? "defer" : "abandon", changes: outcome.annotations };
    case "rejected":
      return toDeadLettering(outcome.info);
  }
}

/** The reason and its description travel among the properties to change. */
function toDeadLettering(info: AmqpMap): Settlement {
  const { DeadLetterReason: reason, DeadLetterErrorDescription: description, ...changes } = info;
  return {
    kind: "deadLetter",
    cause: { reason: toText(reason), description: toText(description) },
    changes,
  };
}

export function toText(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}
