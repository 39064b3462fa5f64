import { AmqpError } from "../../amqp/errors.ts";
import type { AmqpMap } from "../../amqp/values.ts";
import type { EventPosition } from "../state/partition-log.ts";

const selector = "apache.org:selector-filter:string";
const expression = /x-opt-(?<field>offset|sequence-number|enqueued-time) (?<operator>>=?) '(?<value>[^']*)'/;
const kinds = {
  offset: "offset",
  "sequence-number": "sequenceNumber",
  "enqueued-time": "enqueuedAt",
} as const;

/** The oldest event kept. */
const earliest: EventPosition = { kind: "offset", value: -1, inclusive: false };

/**
 * Reads `amqp.annotation.x-opt-offset > '-1'` and its kin: where a reader begins.
 * @throws AmqpError com.microsoft:argument-error
 */
export function parsePosition(filter: AmqpMap): EventPosition {
  const described = filter[selector] as { readonly value?: unknown } | string | undefined;
  if (described === undefined) return earliest;
  const text = String(typeof described === "string" ? described : described.value);
  const { field, operator, value } = expression.exec(text)?.groups ?? {};
  if (value === "@latest") return { kind: "latest" };
  const kind = kinds[field as keyof typeof kinds] as (typeof kinds)[keyof typeof kinds] | undefined;
  if (kind === undefined || value === undefined || Number.isNaN(Number(value))) {
    throw new AmqpError("com.microsoft:argument-error", `The position '${text}' is not understood.`);
  }
  return { kind, value: Number(value), inclusive: operator === ">=" };
}
