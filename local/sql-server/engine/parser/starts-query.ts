import type { Cursor } from "./cursor.ts";

/** `(`, perhaps more of them, then SELECT. */
export function startsQuery(cursor: Cursor): boolean {
  let distance = 0;
  while (cursor.peek(distance).value === "(") distance++;
  const token = cursor.peek(distance);
  return token.kind === "word" && token.value === "SELECT";
}
