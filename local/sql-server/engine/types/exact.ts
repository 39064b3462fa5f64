import type { SqlType } from "../../session.ts";
import { digitsOf } from "./sql-type.ts";

/** An exact number: 12.50 is 1250n at scale 2. */
export interface Exact {
  readonly digits: bigint;
  readonly scale: number;
}

const NUMBER = /^([+-]?)(\d*)(?:\.(\d*))?(?:e([+-]?\d+))?$/i;
const MONEY_LIMIT = 2n ** 63n;

/** "12.50", "-.5", "1e-7"; undefined when the text is no number. */
export function parseExact(text: string): Exact | undefined {
  const [all, sign, whole = "", fraction = "", exponent = "0"] = NUMBER.exec(text) ?? [];
  if (all === undefined || whole + fraction === "" || Math.abs(Number(exponent)) > 400) return undefined;
  const digits = BigInt(`${sign === "-" ? "-" : ""}${whole}${fraction}`);
  const scale = fraction.length - Number(exponent);
  return scale >= 0 ? { digits, scale } : { digits: digits * tenTo(-scale), scale: 0 };
}

/**
 * As SQLite stores an exact number: text that sorts as the numbers do, the same for 1.5 and 1.50, so that
 * comparing, grouping and unique indexes need no conversion. `p`, the count of whole digits (two digits), the whole
 * digits, the digits of the fraction: 12.5 is `p02125`. Of a negative number every digit is taken from 9, and `~`
 * ends it, for the larger one comes first: -12.5 is `n97874~`.
 */
export function toStored({ digits, scale }: Exact): string {
  const text = absolute(digits)
    .toString()
    .padStart(scale + 1, "0");
  const whole = text.slice(0, text.length - scale).replace(/^0+/, "");
  const fraction = text.slice(text.length - scale).replace(/0+$/, "");
  const body = String(whole.length).padStart(2, "0") + whole + fraction;
  return digits < 0n ? `n${complement(body)}~` : `p${body}`;
}

export function fromStored(stored: string): Exact {
  const negative = stored.startsWith("n");
  const body = negative ? complement(stored.slice(1, -1)) : stored.slice(1);
  const digits = BigInt(`0${body.slice(2)}`);
  return { digits: negative ? -digits : digits, scale: body.length - 2 - Number(body.slice(0, 2)) };
}

function complement(digits: string): string {
  return digits.replace(/\d/g, (digit) => String(9 - Number(digit)));
}

/** With as many digits after the point as the type has: 12.5 of decimal(9,2) is "12.50". */
export function exactText(stored: string, scale: number): string {
  const { digits } = rescale(fromStored(stored), scale, "round");
  const text = absolute(digits)
    .toString()
    .padStart(scale + 1, "0");
  const sign = digits < 0n ? "-" : "";
  return scale === 0 ? sign + text : `${sign}${text.slice(0, -scale)}.${text.slice(-scale)}`;
}

/** @returns the value to the given scale, rounded half away from zero, or cut. */
export function rescale(value: Exact, scale: number, mode: "round" | "cut"): Exact {
  if (value.scale <= scale) return { digits: value.digits * tenTo(scale - value.scale), scale };
  const unit = tenTo(value.scale - scale);
  const half = mode === "round" ? unit / 2n : 0n;
  const digits = (value.digits + (value.digits < 0n ? -half : half)) / unit;
  return { digits, scale };
}

/** Rounded to the type's scale; undefined when its precision does not suffice. */
export function fitExact(value: Exact, type: SqlType): Exact | undefined {
  const [precision, scale] = digitsOf(type);
  const fitted = rescale(value, scale, "round");
  const limit = type.name === "money" ? MONEY_LIMIT : tenTo(precision);
  return absolute(fitted.digits) < limit ? fitted : undefined;
}

export function absolute(digits: bigint): bigint {
  return digits < 0n ? -digits : digits;
}

export function tenTo(power: number): bigint {
  return 10n ** BigInt(power);
}
