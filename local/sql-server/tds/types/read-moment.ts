import type { SqlDateTime } from "../../session.ts";
import type { ByteReader } from "../byte-reader.ts";
import { DAY_1900, fromDayAndTime, fromTimeOfDay, TICKS_PER_MINUTE, ticksPerUnit } from "./moments.ts";

const DATE_BYTES = 3;
const OFFSET_BYTES = 2;

export function readDate(reader: ByteReader): SqlDateTime {
  return fromDayAndTime({ day: reader.uint(DATE_BYTES), ticks: 0 });
}

export function readTime(reader: ByteReader, size: number, scale: number): SqlDateTime {
  return fromTimeOfDay(reader.uint(size) * ticksPerUnit(scale));
}

export function readDatetime2(reader: ByteReader, size: number, scale: number): SqlDateTime {
  const ticks = reader.uint(size - DATE_BYTES) * ticksPerUnit(scale);
  return fromDayAndTime({ day: reader.uint(DATE_BYTES), ticks });
}

export function readDatetimeOffset(reader: ByteReader, size: number, scale: number): SqlDateTime {
  const moment = readDatetime2(reader, size - OFFSET_BYTES, scale);
  return { ...moment, offsetMinutes: reader.int16() };
}

/** Counts 1/300 of a second; SQL Server shows them rounded to the millisecond, so they are kept so. */
export function readDatetime(reader: ByteReader): SqlDateTime {
  const day = reader.int32() + DAY_1900;
  const milliseconds = Math.round((reader.uint32() * 10) / 3);
  return fromDayAndTime({ day, ticks: milliseconds * 10_000 });
}

export function readSmallDatetime(reader: ByteReader): SqlDateTime {
  const day = reader.uint16() + DAY_1900;
  return fromDayAndTime({ day, ticks: reader.uint16() * TICKS_PER_MINUTE });
}
