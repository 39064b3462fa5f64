import type { AmqpMessage, MessageProperties } from "../../amqp/message.ts";

/** System properties as filters name them, in lower case. `Label` is the old name of the subject. */
const names: Readonly<Record<string, keyof MessageProperties>> = {
  contenttype: "contentType",
  correlationid: "correlationId",
  label: "subject",
  messageid: "messageId",
  replyto: "replyTo",
  replytosessionid: "replyToSessionId",
  sessionid: "sessionId",
  subject: "subject",
  to: "to",
};

/** @returns undefined when the message has none, or there is no such system property. */
export function readSystemProperty(message: AmqpMessage, name: string): string | undefined {
  const property = names[name.toLowerCase()];
  return property && message.properties[property];
}
