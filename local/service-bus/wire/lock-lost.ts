import { AmqpError } from "../../amqp/errors.ts";

/** What a client is told that settles or renews too late. */
export function lockLost(): AmqpError {
  return new AmqpError(
    "com.microsoft:message-lock-lost",
    "The lock supplied is invalid. Either the lock expired, or the message has already been removed from the queue.",
  );
}

export function messageNotFound(): AmqpError {
  return new AmqpError("com.microsoft:message-not-found", "No such message was found.");
}
