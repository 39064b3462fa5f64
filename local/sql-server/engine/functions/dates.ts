import type { SqlType } from "../../session.ts";
import { sqlError } from "../errors.ts";
import type { Storage } from "../syntax/expression.ts";
import { dayOf, local, modulo, parseStored, storeAs, type Instant } from "../types/datetime.ts";
import { parseDateTime } from "../types/parse-datetime.ts";
import { strict, type NativeFunctions } from "./context.ts";
import { typeOf } from "./conversions.ts";

const DAY = 86_400_000;

/** Every spelling of a date part, and its own name. */
const PARTS: Readonly<Record<string, string>> = Object.fromEntries(
  `year yy yyyy|quarter qq q|month mm m|dayofyear dy y|day dd d|week wk ww|weekday dw w|hour hh|minute mi n|second ss s|
millisecond ms|microsecond mcs|nanosecond ns|iso_week isowk isoww|tzoffset tz`
    .split("|")
    .flatMap((names) =>
      names
        .trim()
        .split(" ")
        .map((name) => [name, names.trim().split(" ")[0] ?? name]),
    ),
);

/** Milliseconds of the parts that have a fixed length. */
const LENGTHS: Readonly<Record<string, number>> = {
  millisecond: 1,
  second: 1000,
  minute: 60_000,
  hour: 3_600_000,
  day: DAY,
  dayofyear: DAY,
  weekday: DAY,
  week: 7 * DAY,
};
const MONTHS: Readonly<Record<string, number>> = { month: 1, quarter: 3, year: 12 };
export const MONTH_NAMES =
  "January February March April May June July August September October November December".split(" ");
export const DAY_NAMES = "Sunday Monday Tuesday Wednesday Thursday Friday Saturday".split(" ");

/** @throws SqlError 155 */
function datePart(text: Storage | undefined, functionName: string): string {
  const part = PARTS[String(text)];
  if (part !== undefined) return part;
  throw sqlError(`'${String(text)}' is not a recognized ${functionName} option.`, { number: 155, class: 15 });
}

function dateAdd(partName: Storage | undefined, amount: number, stored: string, type: SqlType): string {
  const part = datePart(partName, "dateadd");
  const instant = parseStored(stored);
  const months = MONTHS[part];
  if (months !== undefined) return storeAs(addMonths(instant, Math.trunc(amount) * months), type);
  const size = LENGTHS[part];
  if (size !== undefined) {
    return checked({ ...instant, milliseconds: instant.milliseconds + Math.trunc(amount) * size }, type);
  }
  const ticks = instant.hundredNanoseconds + Math.trunc(amount) * (part === "microsecond" ? 10 : 0.01);
  const milliseconds = instant.milliseconds + Math.floor(ticks / 10_000);
  return checked({ ...instant, milliseconds, hundredNanoseconds: Math.round(modulo(ticks, 10_000)) }, type);
}

function checked(instant: Instant, type: SqlType): string {
  if (
    type.name !== "time" &&
    (instant.milliseconds < dayOf(1, 1, 1) || instant.milliseconds >= dayOf(10000, 1, 1))
  ) {
    throw sqlError(`Adding a value to a '${type.name}' column caused an overflow.`, { number: 517 });
  }
  return storeAs(instant, type);
}

/** The day stays, or becomes the month's last one. */
function addMonths(instant: Instant, months: number): Instant {
  const date = new Date(instant.milliseconds);
  const first = dayOf(date.getUTCFullYear(), date.getUTCMonth() + 1 + months, 1);
  const last = new Date(first);
  last.setUTCMonth(last.getUTCMonth() + 1, 0);
  const day = Math.min(date.getUTCDate(), last.getUTCDate());
  return { ...instant, milliseconds: first + (day - 1) * DAY + modulo(instant.milliseconds, DAY) };
}

/** Counts the boundaries between the two, not the time. */
function dateDiff(partName: Storage | undefined, from: string, to: string): number {
  const part = datePart(partName, "datediff");
  return boundary(part, parseStored(to)) - boundary(part, parseStored(from));
}

function boundary(part: string, instant: Instant): number {
  const date = new Date(instant.milliseconds);
  const months = MONTHS[part];
  if (months !== undefined) return Math.floor((date.getUTCFullYear() * 12 + date.getUTCMonth()) / months);
  if (part === "microsecond")
    return instant.milliseconds * 1000 + Math.floor(instant.hundredNanoseconds / 10);
  if (part === "nanosecond") return instant.milliseconds * 1e6 + instant.hundredNanoseconds * 100;
  // 1970-01-04 was a Sunday.
  const shift = part === "week" ? 4 * DAY : 0;
  return Math.floor((instant.milliseconds + shift) / (LENGTHS[part] ?? DAY));
}

const READERS: Readonly<Record<string, (date: Date, instant: Instant) => number>> = {
  year: (date) => date.getUTCFullYear(),
  quarter: (date) => Math.floor(date.getUTCMonth() / 3) + 1,
  month: (date) => date.getUTCMonth() + 1,
  day: (date) => date.getUTCDate(),
  dayofyear: (date) => Math.floor((date.getTime() - dayOf(date.getUTCFullYear(), 1, 1)) / DAY) + 1,
  weekday: (date) => date.getUTCDay() + 1,
  week: (date) => {
    const first = dayOf(date.getUTCFullYear(), 1, 1);
    return Math.floor(((date.getTime() - first) / DAY + new Date(first).getUTCDay()) / 7) + 1;
  },
  iso_week: (date) => {
    const thursday = new Date(date.getTime() + (4 - (date.getUTCDay() === 0 ? 7 : date.getUTCDay())) * DAY);
    return Math.floor((thursday.getTime() - dayOf(thursday.getUTCFullYear(), 1, 1)) / DAY / 7) + 1;
  },
  hour: (date) => date.getUTCHours(),
  minute: (date) => date.getUTCMinutes(),
  second: (date) => date.getUTCSeconds(),
  millisecond: (date) => date.getUTCMilliseconds(),
  microsecond: (date, instant) =>
    date.getUTCMilliseconds() * 1000 + Math.floor(instant.hundredNanoseconds / 10),
  nanosecond: (date, instant) => date.getUTCMilliseconds() * 1e6 + instant.hundredNanoseconds * 100,
  tzoffset: (_date, instant) => instant.offsetMinutes ?? 0,
};

function readPart(partName: Storage | undefined, stored: string): number {
  const part = datePart(partName, "datepart");
  const instant = parseStored(stored);
  return READERS[part]?.(new Date(local(instant).milliseconds), instant) ?? 0;
}

function namePart(partName: Storage | undefined, stored: string): string {
  const part = datePart(partName, "datename");
  const value = readPart(part, stored);
  if (part === "month") return MONTH_NAMES[value - 1] ?? "";
  return part === "weekday" ? (DAY_NAMES[value - 1] ?? "") : String(value);
}

export const DATES: NativeFunctions = {
  dateadd: strict(([part, amount, stored, type]) =>
    dateAdd(part, Number(amount), String(stored), typeOf(type)),
  ),
  datediff: strict(([part, from, to]) => dateDiff(part, String(from), String(to))),
  datepart: strict(([part, stored]) => readPart(part, String(stored))),
  datename: strict(([part, stored]) => namePart(part, String(stored))),
  eomonth: strict(([stored, months]) => {
    const date = new Date(parseStored(String(stored)).milliseconds);
    const day = dayOf(date.getUTCFullYear(), date.getUTCMonth() + 2 + Number(months ?? 0), 0);
    return storeAs({ milliseconds: day, hundredNanoseconds: 0 }, { name: "date" });
  }),
  datefromparts: strict(([year, month, day]) =>
    storeAs(
      { milliseconds: dayOf(Number(year), Number(month), Number(day)), hundredNanoseconds: 0 },
      { name: "date" },
    ),
  ),
  isdate: {
    pure: true,
    run: ([value]) => (typeof value === "string" && typeof parseDateTime(value) === "object" ? 1 : 0),
  },
};
