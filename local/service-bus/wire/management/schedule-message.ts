import { AmqpError } from "../../../amqp/errors.ts";
import { parseMessage } from "../../../amqp/message.ts";
import { type AmqpMap, toArray, toMap } from "../../../amqp/values.ts";
import { type Operation, readList } from "./operation.ts";

/** Takes messages in that carry the time they are scheduled for. */
export const scheduleMessage: Operation = ({ send }, { entity, body }) => {
  const messages = readList(body, "messages").map((entry) => {
    const { message } = entry as AmqpMap;
    if (Buffer.isBuffer(message)) return parseMessage(message);
    throw new AmqpError("com.microsoft:argument-error", "A message to schedule is missing.");
  });
  const numbers = messages.map((message) => send(entity, message));
  return { status: 200, body: toMap({ "sequence-numbers": toArray(numbers, "long") }) };
};
