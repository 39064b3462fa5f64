import { textOf } from "../types/convert-text.ts";
import type { TypedValue } from "./evaluate.ts";

const SPECIFICATION = /%([-+0# ]*)(\*|\d+)?(?:\.(\*|\d+))?(?:I64|h|l)?([diosuxX%])/g;

/** RAISERROR's printf: %s %d %i %u %o %x %X, with width, precision and flags. */
export function formatMessage(text: string, values: readonly TypedValue[]): string {
  let next = 0;
  const take = (): TypedValue | undefined => values[next++];
  return text.replace(SPECIFICATION, (...found: readonly unknown[]) => {
    const [flags = "", width, precision, kind] = found.slice(1, 5).map((part) => part as string | undefined);
    if (kind === "%") return "%";
    const size = (part: string): number => (part === "*" ? Number(take()?.value ?? 0) : Number(part));
    const wide = width === undefined ? 0 : size(width);
    const digits = precision === undefined ? undefined : size(precision);
    return align(one(kind ?? "s", take(), digits), flags, wide);
  });
}

const RADIX: Readonly<Record<string, number>> = { o: 8, x: 16, X: 16 };

function one(kind: string, given: TypedValue | undefined, precision: number | undefined): string {
  if (given === undefined || given.value === null) return "(null)";
  if (kind === "s") return textOf(given.value, given.type).slice(0, precision);
  const shown = wholeText(BigInt(Math.trunc(Number(given.value))), kind);
  return precision === undefined ? shown : shown.padStart(precision, "0");
}

/** Unsigned kinds show a negative number as its 32 bits. */
function wholeText(number: bigint, kind: string): string {
  const signed = kind === "d" || kind === "i";
  const text = (signed ? number : BigInt.asUintN(number < 0n ? 32 : 64, number)).toString(RADIX[kind] ?? 10);
  return kind === "X" ? text.toUpperCase() : text;
}

function align(text: string, flags: string, width: number): string {
  if (flags.includes("-")) return text.padEnd(width);
  return text.padStart(width, flags.includes("0") ? "0" : " ");
}
