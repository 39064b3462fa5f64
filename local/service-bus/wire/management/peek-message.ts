import { toBinary, toInteger, toList, toMap } from "../../../amqp/values.ts";
import { findReceivable } from "../../state/addresses.ts";
import { encodeStored } from "../encode-delivery.ts";
import { toText } from "../settlement.ts";
import type { Operation } from "./operation.ts";

/** Shows messages without touching them. */
export const peekMessage: Operation = ({ namespace }, { entity, body }) => {
  const queue = findReceivable(namespace, entity);
  const from = toInteger(body["from-sequence-number"]) ?? 0;
  const messages = queue.peek(from, toInteger(body["message-count"]) ?? 1, toText(body["session-id"]));
  if (messages.length === 0) return { status: 204 };
  const shown = messages.map((message) => toMap({ message: toBinary(encodeStored(message)) }));
  return { status: 200, body: toMap({ messages: toList(shown) }) };
};
