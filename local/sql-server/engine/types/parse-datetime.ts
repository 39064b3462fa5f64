import { dayOf, type Instant } from "./datetime.ts";

const MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split(" ");

/** Year, month, day. */
const DATES: readonly (readonly [RegExp, (parts: readonly string[]) => readonly [number, number, number]])[] =
  [
    [/^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})/, ([y, m, d]) => [Number(y), Number(m), Number(d)]],
    [/^(\d{4})(\d\d)(\d\d)(?!\d)/, ([y, m, d]) => [Number(y), Number(m), Number(d)]],
    [/^(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})/, ([m, d, y]) => [Number(y), Number(m), Number(d)]],
    [/^([a-z]{3})[a-z]*\.? +(\d{1,2}),? +(\d{4})/i, ([m, d, y]) => [Number(y), monthOf(m), Number(d)]],
    [/^(\d{1,2})[ -]([a-z]{3})[a-z]*\.?,?[ -](\d{4})/i, ([d, m, y]) => [Number(y), monthOf(m), Number(d)]],
  ];

const TIME = /^(\d{1,2})(?::(\d{1,2})(?::(\d{1,2})(?:[.:](\d{1,9}))?)?)? *(am|pm)?/i;
const OFFSET = /^ *(?:(z)|([+-])(\d{1,2}):(\d\d))$/i;

/** Failed: not a date at all, or a date that does not exist. */
export type ParsedDate = Instant | "malformed" | "outOfRange";

/**
 * Dates as people write them: ISO 8601, `yyyymmdd`, `mm/dd/yyyy` (us_english), `Nov 5 2026 3:04PM`.
 * Without a date it is 1900-01-01, as in T-SQL.
 */
export function parseDateTime(text: string): ParsedDate {
  const trimmed = text.trim();
  const date = parseDate(trimmed);
  const rest = trimmed.slice(date.length).replace(/^[T ]\s*/i, "");
  if (date.length === 0 && !/^\d{1,2}(:| *[ap]m)/i.test(rest)) return trimmed === "" ? zero() : "malformed";
  const time = parseTime(rest);
  if (time === undefined) return "malformed";
  if (date.days === undefined || time.outOfRange) return "outOfRange";
  return assemble(date.days, time);
}

function zero(): Instant {
  return { milliseconds: dayOf(1900, 1, 1), hundredNanoseconds: 0 };
}

function parseDate(text: string): { readonly length: number; readonly days: number | undefined } {
  for (const [pattern, toParts] of DATES) {
    const found = pattern.exec(text);
    if (found === null) continue;
    const [year, month, day] = toParts(found.slice(1));
    const days = dayOf(year, month, day);
    const real = new Date(days);
    const exists = year >= 1 && real.getUTCMonth() === month - 1 && real.getUTCDate() === day;
    return { length: found[0].length, days: exists ? days : undefined };
  }
  return { length: 0, days: dayOf(1900, 1, 1) };
}

interface ParsedTime {
  readonly milliseconds: number;
  readonly hundredNanoseconds: number;
  readonly offset: number | undefined;
  readonly outOfRange: boolean;
}

function parseTime(text: string): ParsedTime | undefined {
  const found = TIME.exec(text);
  const offset = parseOffset(text.slice(found?.[0].length ?? 0));
  if (offset === "malformed") return undefined;
  const parts: readonly (string | undefined)[] = found ?? [];
  const [given = 0, minute = 0, second = 0] = parts.slice(1, 4).map((part) => Number(part ?? 0));
  const hour = hourOf(given, parts[5]);
  const ticks = ticksOf(parts[4]);
  return {
    milliseconds: (hour * 60 + minute) * 60_000 + second * 1000 + Math.floor(ticks / 10_000),
    hundredNanoseconds: ticks % 10_000,
    offset,
    outOfRange: hour > 23 || minute > 59 || second > 59,
  };
}

/** The digits after the point, in 100 ns. */
function ticksOf(fraction = ""): number {
  return Number(fraction.padEnd(7, "0").slice(0, 7));
}

function hourOf(hour: number, half: string | undefined): number {
  if (half === undefined) return hour;
  return (hour % 12) + (half.toLowerCase() === "pm" ? 12 : 0);
}

function parseOffset(text: string): number | undefined | "malformed" {
  if (text.trim() === "") return undefined;
  const found = OFFSET.exec(text);
  if (found === null) return "malformed";
  const [, zulu, sign, hours, minutes] = found;
  if (zulu !== undefined) return 0;
  return (Number(hours) * 60 + Number(minutes)) * (sign === "-" ? -1 : 1);
}

function assemble(days: number, time: ParsedTime): Instant {
  const { hundredNanoseconds, offset } = time;
  const milliseconds = days + time.milliseconds;
  if (offset === undefined) return { milliseconds, hundredNanoseconds };
  return { milliseconds: milliseconds - offset * 60_000, hundredNanoseconds, offsetMinutes: offset };
}

function monthOf(name: string | undefined): number {
  return MONTHS.indexOf(name?.toLowerCase() ?? "") + 1;
}
