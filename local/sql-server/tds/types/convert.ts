import type { SqlDateTime, SqlValue } from "../../session.ts";

export type PresentValue = Exclude<SqlValue, null>;

/** Text for a type that travels as text. */
export function toText(value: PresentValue): string {
  if (typeof value === "string") return value;
  if (typeof value === "boolean") return value ? "1" : "0";
  if (typeof value === "number" || typeof value === "bigint") return value.toString();
  throw new RangeError("A binary value or a moment cannot be sent as text.");
}

export function toBytes(value: PresentValue): Uint8Array {
  if (value instanceof Uint8Array) return value;
  throw new RangeError(`A ${typeof value} cannot be sent as binary.`);
}

export function toMoment(value: PresentValue): SqlDateTime {
  if (typeof value === "object" && !(value instanceof Uint8Array)) return value;
  throw new RangeError(`A ${typeof value} cannot be sent as a date or time.`);
}
