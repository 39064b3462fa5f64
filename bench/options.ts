import { InvalidArgumentError } from "commander";

export function toCount(text: string): number {
  const count = Number(text);
  if (Number.isInteger(count) && count > 0) return count;
  throw new InvalidArgumentError("It is a whole number from 1 up.");
}
