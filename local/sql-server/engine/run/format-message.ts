import { pad } from "../types/datetime.ts";
import { textOf } from "../types/convert-text.ts";
import type { TypedValue } from "./evaluate.ts";

const SPECIFICATION = /%([-+0# ]*)(\*|\d+)?(?:\.(\*|\d+))?(?:I64|h|l)?([diosuxX%])/g;

/** RAISERROR's printf: %s %d %i %u %o %x %X, with width, precision and flags. */
export function formatMessage(text: string, values: readonly TypedValue[]): string {
  let next = 0;
  const take = (): TypedValue | undefined => values[next++];
  return text.replace(
    SPECIFICATION,
    (_all: string, flags: string, width: string | undefined, precision: string | undefined, kind: string) => {
      if (kind === "%") return "%";
      const wide = width === "*" ? Number(take()?.value ?? 0) : Number(width ?? 0);
      const digits =
        precision === "*"
          ? Number(take()?.value ?? 0)
          : precision === undefined
            ? undefined
            : Number(precision);
      return align(one(kind, take(), digits), flags, wide);
    },
  );
}

function one(kind: string, given: TypedValue | undefined, precision: number | undefined): string {
  if (given === undefined || given.value === null) return "(null)";
  const text = textOf(given.value, given.type);
  if (kind === "s") return precision === undefined ? text : text.slice(0, precision);
  const number = BigInt(Math.trunc(Number(given.value)));
  const positive = number < 0n && kind !== "d" && kind !== "i" ? number + 4294967296n : number;
  const shown =
    kind === "o" ? positive.toString(8) : /x/i.test(kind) ? positive.toString(16) : positive.toString();
  const cased = kind === "X" ? shown.toUpperCase() : shown;
  return precision === undefined ? cased : pad(Number(cased), precision);
}

function align(text: string, flags: string, width: number): string {
  if (flags.includes("-")) return text.padEnd(width);
  return text.padStart(width, flags.includes("0") ? "0" : " ");
}
