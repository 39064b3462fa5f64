/** A condition the real services answer with, and the SDKs translate into their error codes. */
export type AmqpCondition =
  | "amqp:decode-error"
  | "amqp:internal-error"
  | "amqp:link:detach-forced"
  | "amqp:link:message-size-exceeded"
  | "amqp:link:stolen"
  | "amqp:not-allowed"
  | "amqp:not-found"
  | "amqp:not-implemented"
  | "amqp:resource-limit-exceeded"
  | "amqp:unauthorized-access"
  | "com.microsoft:argument-error"
  | "com.microsoft:argument-out-of-range"
  | "com.microsoft:entity-already-exists"
  | "com.microsoft:entity-disabled"
  | "com.microsoft:message-lock-lost"
  | "com.microsoft:message-not-found"
  | "com.microsoft:operation-cancelled"
  | "com.microsoft:server-busy"
  | "com.microsoft:session-cannot-be-locked"
  | "com.microsoft:session-lock-lost"
  | "com.microsoft:timeout";

/** An error a client is told: refuses a link, rejects a delivery or answers a management request. */
export class AmqpError extends Error {
  readonly condition: AmqpCondition;

  constructor(condition: AmqpCondition, description: string) {
    super(description);
    this.name = "AmqpError";
    this.condition = condition;
  }
}

/** Any throw as something a client can be told; ours keep their condition. */
export function toAmqpError(error: unknown): AmqpError {
  if (error instanceof AmqpError) return error;
  return new AmqpError("amqp:internal-error", error instanceof Error ? error.message : String(error));
}

/** The status a management reply carries for a condition. */
export function statusOf(condition: AmqpCondition): number {
  return statusByCondition[condition] ?? 500;
}

const statusByCondition: Partial<Record<AmqpCondition, number>> = {
  "amqp:not-allowed": 400,
  "amqp:not-found": 404,
  "amqp:not-implemented": 501,
  "amqp:resource-limit-exceeded": 403,
  "amqp:unauthorized-access": 401,
  "com.microsoft:argument-error": 400,
  "com.microsoft:argument-out-of-range": 400,
  "com.microsoft:entity-already-exists": 409,
  "com.microsoft:entity-disabled": 400,
  "com.microsoft:message-lock-lost": 410,
  "com.microsoft:message-not-found": 404,
  "com.microsoft:server-busy": 503,
  "com.microsoft:session-cannot-be-locked": 410,
  "com.microsoft:session-lock-lost": 410,
  "com.microsoft:timeout": 408,
};
