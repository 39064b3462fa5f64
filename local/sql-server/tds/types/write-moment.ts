import type { ByteWriter } from "../byte-writer.ts";
import { type PresentValue, toMoment } from "./convert.ts";
import { DAY_1900, roundTo, TICKS_PER_MINUTE, ticksPerUnit, timeBytes, toDayAndTime } from "./moments.ts";

const TICKS_PER_SECOND = 10_000_000;
/** datetime counts in 1/300 of a second. */
const DATETIME_UNITS_PER_SECOND = 300;
const DATETIME_UNITS_PER_DAY = 86_400 * DATETIME_UNITS_PER_SECOND;
const DATE_BYTES = 3;

export function writeDate(writer: ByteWriter, value: PresentValue): void {
  writer.uint8(DATE_BYTES).uint(toDayAndTime(toMoment(value)).day, DATE_BYTES);
}

export function writeDatetime(writer: ByteWriter, value: PresentValue): void {
  const { day, ticks } = toDayAndTime(toMoment(value));
  const units = Math.round((ticks * DATETIME_UNITS_PER_SECOND) / TICKS_PER_SECOND);
  const carry = units === DATETIME_UNITS_PER_DAY;
  writer.int32(day - DAY_1900 + (carry ? 1 : 0)).uint32(carry ? 0 : units);
}

export function writeSmallDatetime(writer: ByteWriter, value: PresentValue): void {
  const { day, ticks } = roundTo(TICKS_PER_MINUTE, toDayAndTime(toMoment(value)));
  writer.uint16(day - DAY_1900).uint16(ticks / TICKS_PER_MINUTE);
}

export function writeTime(writer: ByteWriter, value: PresentValue, scale: number): void {
  const { ticks } = toDayAndTime(toMoment(value));
  const size = timeBytes(scale);
  writer.uint8(size).uint(Math.floor(ticks / ticksPerUnit(scale)), size);
}

export function writeDatetime2(writer: ByteWriter, value: PresentValue, scale: number): void {
  writer.uint8(timeBytes(scale) + DATE_BYTES);
  writeTimeAndDate(writer, value, scale);
}

/** The moment travels in UTC, the offset beside it. */
export function writeDatetimeOffset(writer: ByteWriter, value: PresentValue, scale: number): void {
  writer.uint8(timeBytes(scale) + DATE_BYTES + 2);
  writeTimeAndDate(writer, value, scale);
  writer.int16(toMoment(value).offsetMinutes ?? 0);
}

function writeTimeAndDate(writer: ByteWriter, value: PresentValue, scale: number): void {
  const unit = ticksPerUnit(scale);
  const { day, ticks } = roundTo(unit, toDayAndTime(toMoment(value)));
  writer.uint(ticks / unit, timeBytes(scale)).uint(day, DATE_BYTES);
}
