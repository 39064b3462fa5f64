import rhea from "rhea";
import { type AmqpMessage, parseMessage } from "../../../../local/amqp/message.ts";

/** A message as a client would send it. Fields are rhea's: `message_id`, `group_id`, `ttl`, … */
export function createMessage(fields: Readonly<Record<string, unknown>> = {}): AmqpMessage {
  return parseMessage(rhea.message.encode({ body: "text", ...fields }));
}
