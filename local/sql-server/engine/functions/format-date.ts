import { formatOffset, local, pad, parseStored } from "../types/datetime.ts";
import { DAY_NAMES, MONTH_NAMES } from "./dates.ts";

/** .NET's standard formats in en-US. */
const STANDARD: Readonly<Record<string, string>> = {
  d: "M/d/yyyy",
  D: "dddd, MMMM d, yyyy",
  f: "dddd, MMMM d, yyyy h:mm tt",
  F: "dddd, MMMM d, yyyy h:mm:ss tt",
  g: "M/d/yyyy h:mm tt",
  G: "M/d/yyyy h:mm:ss tt",
  m: "MMMM d",
  M: "MMMM d",
  o: "yyyy-MM-ddTHH:mm:ss.fffffff",
  O: "yyyy-MM-ddTHH:mm:ss.fffffff",
  s: "yyyy-MM-ddTHH:mm:ss",
  t: "h:mm tt",
  T: "h:mm:ss tt",
  u: "yyyy-MM-dd HH:mm:ssZ",
  y: "MMMM yyyy",
  Y: "MMMM yyyy",
};
const TOKEN = /'([^']*)'|"([^"]*)"|\\(.)|yyyy|yy|M{1,4}|d{1,4}|HH?|hh?|mm?|ss?|[fF]{1,7}|tt?|zzz/g;

interface Parts {
  readonly date: Date;
  /** Seven digits. */
  readonly fraction: string;
  /** +02:00; "" for types without. */
  readonly offset: string;
}

type Part = (parts: Parts) => string;

const PARTS: Readonly<Record<string, Part>> = {
  yyyy: ({ date }) => pad(date.getUTCFullYear(), 4),
  yy: ({ date }) => pad(date.getUTCFullYear() % 100, 2),
  MMMM: ({ date }) => MONTH_NAMES[date.getUTCMonth()] ?? "",
  MMM: ({ date }) => (MONTH_NAMES[date.getUTCMonth()] ?? "").slice(0, 3),
  MM: ({ date }) => pad(date.getUTCMonth() + 1, 2),
  M: ({ date }) => String(date.getUTCMonth() + 1),
  dddd: ({ date }) => DAY_NAMES[date.getUTCDay()] ?? "",
  ddd: ({ date }) => (DAY_NAMES[date.getUTCDay()] ?? "").slice(0, 3),
  dd: ({ date }) => pad(date.getUTCDate(), 2),
  d: ({ date }) => String(date.getUTCDate()),
  HH: ({ date }) => pad(date.getUTCHours(), 2),
  H: ({ date }) => String(date.getUTCHours()),
  hh: ({ date }) => pad(twelve(date), 2),
  h: ({ date }) => String(twelve(date)),
  mm: ({ date }) => pad(date.getUTCMinutes(), 2),
  m: ({ date }) => String(date.getUTCMinutes()),
  ss: ({ date }) => pad(date.getUTCSeconds(), 2),
  s: ({ date }) => String(date.getUTCSeconds()),
  tt: ({ date }) => (date.getUTCHours() < 12 ? "AM" : "PM"),
  t: ({ date }) => (date.getUTCHours() < 12 ? "A" : "P"),
  zzz: ({ offset }) => offset,
};

function twelve(date: Date): number {
  return date.getUTCHours() % 12 === 0 ? 12 : date.getUTCHours() % 12;
}

/** FORMAT of a stored date; undefined for a letter that .NET does not know. */
export function formatDate(stored: string, format: string): string | undefined {
  const pattern = format.length === 1 ? STANDARD[format] : format.replace(/^%/, "");
  if (pattern === undefined) return undefined;
  const instant = parseStored(stored);
  const { milliseconds, hundredNanoseconds } = local(instant);
  const date = new Date(milliseconds);
  const parts: Parts = {
    date,
    fraction: pad(date.getUTCMilliseconds() * 10_000 + hundredNanoseconds, 7),
    offset: instant.offsetMinutes === undefined ? "" : formatOffset(instant.offsetMinutes),
  };
  return pattern.replace(TOKEN, (token, ...quoted: readonly (string | undefined)[]) => {
    const text = quoted.slice(0, 3).find((one) => typeof one === "string");
    return text ?? fractionOf(token, parts.fraction) ?? PARTS[token]?.(parts) ?? token;
  });
}

/** `fff` always shows its digits, `FFF` no zeros at the end. */
function fractionOf(token: string, fraction: string): string | undefined {
  if (token.startsWith("f")) return fraction.slice(0, token.length);
  return token.startsWith("F") ? fraction.slice(0, token.length).replace(/0+$/, "") : undefined;
}
