import type { SqlDateTime, SqlType } from "../../session.ts";

/**
 * How dates are stored: as text that sorts like the instants, `2026-05-06 07:08:09.1234567` for every type with
 * a date, `07:08:09.1234567` for time, and the UTC instant followed by ` +02:00` for datetimeoffset.
 */
export interface Instant {
  /** Since 1970-01-01T00:00:00Z; for `time` since midnight. */
  readonly milliseconds: number;
  /** 0 to 9999. */
  readonly hundredNanoseconds: number;
  readonly offsetMinutes?: number;
}

const STORED = /^(?:(\d{4})-(\d\d)-(\d\d) )?(\d\d):(\d\d):(\d\d)\.(\d{3})(\d{4})(?: ([+-])(\d\d):(\d\d))?$/;
const DAY = 86_400_000;

export function formatInstant(instant: Instant): string {
  const date = new Date(instant.milliseconds);
  const iso = date.toISOString();
  const text = `${iso.slice(0, 10)} ${iso.slice(11, 23)}${pad(instant.hundredNanoseconds, 4)}`;
  return instant.offsetMinutes === undefined ? text : `${text} ${formatOffset(instant.offsetMinutes)}`;
}

export function formatOffset(minutes: number): string {
  const size = Math.abs(minutes);
  return `${minutes < 0 ? "-" : "+"}${pad(Math.floor(size / 60), 2)}:${pad(size % 60, 2)}`;
}

function formatTime(instant: Instant): string {
  return formatInstant({ ...instant, milliseconds: modulo(instant.milliseconds, DAY) }).slice(11, 27);
}

/** Reads stored text. @throws Error when the text is none of ours (a bug). */
export function parseStored(text: string): Instant {
  const parts = STORED.exec(text);
  if (parts === null) throw new Error(`not a stored date: ${text}`);
  const [, year, month, day, hour, minute, second, fraction, rest, sign, offsetHour, offsetMinute] = parts;
  const date = year === undefined ? 0 : dayOf(Number(year), Number(month), Number(day));
  const time = (Number(hour) * 60 + Number(minute)) * 60_000 + Number(second) * 1000 + Number(fraction);
  const instant = { milliseconds: date + time, hundredNanoseconds: Number(rest) };
  if (sign === undefined) return instant;
  const offset = (Number(offsetHour) * 60 + Number(offsetMinute)) * (sign === "-" ? -1 : 1);
  return { ...instant, offsetMinutes: offset };
}

/** Milliseconds since 1970 of a day; years below 100 are meant as written. */
export function dayOf(year: number, month: number, day: number): number {
  return new Date(0).setUTCFullYear(year, month - 1, day);
}

/** Rounds to what a type can hold and formats it for storing. */
export function storeAs(instant: Instant, type: SqlType): string {
  const wall = localMilliseconds(instant);
  if (type.name === "date") return wholeMilliseconds(Math.floor(wall / DAY) * DAY);
  if (type.name === "smalldatetime") return wholeMilliseconds(Math.round(wall / 60_000) * 60_000);
  if (type.name === "datetime") return formatInstant(roundToDatetime(local(instant)));
  if (type.name === "time") return formatTime(roundTo(local(instant), type.scale ?? 7));
  if (type.name === "datetimeoffset")
    return formatInstant({ offsetMinutes: 0, ...roundTo(instant, type.scale ?? 7) });
  return formatInstant(roundTo(local(instant), type.scale ?? 7));
}

function wholeMilliseconds(milliseconds: number): string {
  return formatInstant({ milliseconds, hundredNanoseconds: 0 });
}

/** The wall clock at the instant's own offset, without the offset. */
export function local(instant: Instant): Instant {
  return { milliseconds: localMilliseconds(instant), hundredNanoseconds: instant.hundredNanoseconds };
}

function localMilliseconds(instant: Instant): number {
  return instant.milliseconds + (instant.offsetMinutes ?? 0) * 60_000;
}

function roundTo(instant: Instant, scale: number): Instant {
  const unit = 10 ** (7 - scale);
  const ticks = instant.hundredNanoseconds + modulo(instant.milliseconds, 1000) * 10_000;
  const rounded = Math.round(ticks / unit) * unit;
  return {
    ...instant,
    milliseconds: Math.floor(instant.milliseconds / 1000) * 1000 + Math.floor(rounded / 10_000),
    hundredNanoseconds: rounded % 10_000,
  };
}

/** datetime counts 1/300 s: the last digit of its milliseconds is 0, 3 or 7. */
function roundToDatetime(instant: Instant): Instant {
  const second = Math.floor(instant.milliseconds / 1000) * 1000;
  const fraction = instant.milliseconds - second + instant.hundredNanoseconds / 10_000;
  const ticks = Math.round((fraction * 3) / 10);
  return { milliseconds: second + Math.round((ticks * 10) / 3), hundredNanoseconds: 0 };
}

export function toSqlDateTime(stored: string): SqlDateTime {
  return parseStored(stored);
}

export function fromSqlDateTime(value: SqlDateTime, type: SqlType): string {
  if (type.name === "datetimeoffset") return storeAs({ offsetMinutes: 0, ...value }, type);
  const { milliseconds, hundredNanoseconds } = value;
  return storeAs({ milliseconds, hundredNanoseconds }, type);
}

export function pad(value: number, length: number): string {
  return String(value).padStart(length, "0");
}

export function modulo(value: number, divisor: number): number {
  return ((value % divisor) + divisor) % divisor;
}
