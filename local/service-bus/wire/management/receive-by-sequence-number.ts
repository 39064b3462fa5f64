import { toUuidBytes } from "../../../amqp/guid.ts";
import { toBinary, toInteger, toList, toMap, toUuid } from "../../../amqp/values.ts";
import { findReceivable } from "../../state/addresses.ts";
import { encodeDeferred } from "../encode-delivery.ts";
import { messageNotFound } from "../lock-lost.ts";
import { type Operation, readSequenceNumbers } from "./operation.ts";

const settledFirst = 0;

/** Hands out deferred messages. Settle mode 0 is receive and delete. */
export const receiveBySequenceNumber: Operation = ({ namespace }, { entity, body }) => {
  const queue = findReceivable(namespace, entity);
  const locks = readSequenceNumbers(body).flatMap((number) => queue.takeDeferred(number) ?? []);
  if (locks.length === 0) throw messageNotFound();
  const messages = locks.map(({ message, token }) =>
    toMap({ message: toBinary(encodeDeferred(message, token)), "lock-token": toUuid(toUuidBytes(token)) }),
  );
  if (toInteger(body["receiver-settle-mode"]) === settledFirst) {
    for (const { token } of locks) queue.settle(token, { kind: "complete" });
  }
  return { status: 200, body: toMap({ messages: toList(messages) }) };
};
