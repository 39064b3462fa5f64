import { type LockToken, toUuidBytes } from "../../amqp/guid.ts";
import { encodeMessage } from "../../amqp/message.ts";
import {
  type AmqpMap,
  toBoolean,
  toInt,
  toList,
  toLong,
  toNull,
  toTimestamp,
  toUbyte,
  toUint,
  toUuid,
} from "../../amqp/values.ts";
import type { StoredMessage } from "../state/stored-message.ts";

const states = { active: 0, deferred: 1, scheduled: 2 } as const;
const durable = true;
const usualPriority = 4;

/** A message as the service delivers or shows it: the sender's bytes with the service's header and annotations. */
export function encodeStored(message: StoredMessage): Buffer {
  return encode(message, {});
}

/** A deferred message names its lock itself: it comes without a delivery, whose tag would. */
export function encodeDeferred(message: StoredMessage, token: LockToken): Buffer {
  return encode(message, { "x-opt-lock-token": toUuid(toUuidBytes(token)) });
}

function encode(message: StoredMessage, deliveryAnnotations: AmqpMap): Buffer {
  const { content, deliveryCount, enqueuedAt, expiresAt } = message;
  const timeToLive = expiresAt === Infinity ? toNull() : toUint(Math.min(expiresAt - enqueuedAt, 0xffffffff));
  const header = toList([
    toBoolean(durable),
    toUbyte(usualPriority),
    timeToLive,
    toBoolean(false),
    toUint(deliveryCount),
  ]);
  return encodeMessage(content, { header, deliveryAnnotations, annotations: toAnnotations(message) });
}

function toAnnotations(message: StoredMessage): AmqpMap {
  const { content, sequenceNumber, enqueuedAt, state, lock, deadLetterSource } = message;
  return {
    ...content.annotations,
    "x-opt-sequence-number": toLong(sequenceNumber),
    "x-opt-enqueue-sequence-number": toLong(sequenceNumber),
    "x-opt-enqueued-time": toTimestamp(enqueuedAt),
    "x-opt-message-state": toInt(states[state]),
    ...(lock && { "x-opt-locked-until": toTimestamp(lock.until) }),
    ...(deadLetterSource !== undefined && { "x-opt-deadletter-source": deadLetterSource }),
  };
}
