import { AmqpError } from "../../../amqp/errors.ts";
import type { AmqpMap } from "../../../amqp/values.ts";
import { findReceivable } from "../../state/addresses.ts";
import type { Settlement } from "../../state/message-queue.ts";
import { lockLost } from "../lock-lost.ts";
import { toText } from "../settlement.ts";
import { type Operation, readLockTokens } from "./operation.ts";

/** Settles by lock token: deferred messages, and those whose link is gone. */
export const updateDisposition: Operation = ({ namespace }, { entity, body }) => {
  const queue = findReceivable(namespace, entity);
  const settlement = toSettlement(body);
  for (const token of readLockTokens(body)) {
    if (!queue.settle(token, settlement)) throw lockLost();
  }
  return { status: 200 };
};

function toSettlement(body: AmqpMap): Settlement {
  const changes = (body["properties-to-modify"] ?? {}) as AmqpMap;
  switch (body["disposition-status"]) {
    case "completed":
      return { kind: "complete" };
    case "abandoned":
      return { kind: "abandon", changes };
    // Spelt this way by the service.
    case "defered":
      return { kind: "defer", changes };
    case "suspended":
      return {
        kind: "deadLetter",
        cause: {
          reason: toText(body["deadletter-reason"]),
          description: toText(body["deadletter-description"]),
        },
        changes,
      };
    default:
      throw new AmqpError("com.microsoft:argument-error", "The disposition status is unknown.");
  }
}
