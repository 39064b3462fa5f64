import { AmqpError } from "../../../amqp/errors.ts";
import { type LockToken, parseUuidBytes } from "../../../amqp/guid.ts";
import type { ManagementReply } from "../../../amqp/node.ts";
import { type AmqpMap, toInteger } from "../../../amqp/values.ts";
import type { SessionHolder, Session } from "../../state/session.ts";
import type { MessageQueue } from "../../state/message-queue.ts";
import { SessionShelf } from "../../state/session-shelf.ts";
import type { WireContext } from "../context.ts";

/**
 * One operation of `<entity>/$management`. Bodies: Azure documentation, "AMQP 1.0 in Azure Service Bus:
 * request-response-based operations".
 */
export type Operation = (context: WireContext, request: OperationRequest) => ManagementReply;

interface OperationRequest {
  /** The address of the entity. */
  readonly entity: string;
  readonly body: AmqpMap;
}

/** @throws AmqpError com.microsoft:argument-error when the body has no such list. */
export function readList(body: AmqpMap, key: string): readonly unknown[] {
  const value = body[key];
  if (Array.isArray(value)) return value;
  throw new AmqpError("com.microsoft:argument-error", `The request has no list '${key}'.`);
}

export function readLockTokens(body: AmqpMap): LockToken[] {
  return readList(body, "lock-tokens").map((token) =>
    Buffer.isBuffer(token) ? parseUuidBytes(token) : String(token),
  );
}

export function readSequenceNumbers(body: AmqpMap): number[] {
  return readList(body, "sequence-numbers").flatMap((number) => toInteger(number) ?? []);
}

/** The session a request is about, if its lock is still held. @throws AmqpError com.microsoft:session-lock-lost */
export function findHeldSession(
  queue: MessageQueue,
  body: AmqpMap,
): { shelf: SessionShelf; session: Session; holder: SessionHolder } {
  const id = String(body["session-id"]);
  const held = queue.shelf instanceof SessionShelf ? queue.shelf.find(id) : undefined;
  if (held && queue.shelf instanceof SessionShelf) return { shelf: queue.shelf, ...held };
  throw new AmqpError(
    "com.microsoft:session-lock-lost",
    `The lock of the session '${id}' is not held any more.`,
  );
}
