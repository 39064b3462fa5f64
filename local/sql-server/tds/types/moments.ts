import type { SqlDateTime } from "../../session.ts";

/** Dates and times as counts of days and of 100 ns units since midnight. */
export interface DayAndTime {
  /** Days since 0001-01-01. */
  readonly day: number;
  /** 100 ns units since midnight, under 864,000,000,000. */
  readonly ticks: number;
}

export const TICKS_PER_MINUTE = 600_000_000;
const TICKS_PER_DAY = 864_000_000_000;
/** 1900-01-01, where datetime and smalldatetime begin to count, as a day since 0001-01-01. */
export const DAY_1900 = 693_595;

const DAY_1970 = 719_162;
const MILLISECONDS_PER_DAY = 86_400_000;
const TICKS_PER_MILLISECOND = 10_000;

export function toDayAndTime({ milliseconds, hundredNanoseconds }: SqlDateTime): DayAndTime {
  const days = Math.floor(milliseconds / MILLISECONDS_PER_DAY);
  const rest = milliseconds - days * MILLISECONDS_PER_DAY;
  return { day: days + DAY_1970, ticks: rest * TICKS_PER_MILLISECOND + hundredNanoseconds };
}

export function fromDayAndTime({ day, ticks }: DayAndTime): SqlDateTime {
  const milliseconds = Math.floor(ticks / TICKS_PER_MILLISECOND);
  return {
    milliseconds: (day - DAY_1970) * MILLISECONDS_PER_DAY + milliseconds,
    hundredNanoseconds: ticks - milliseconds * TICKS_PER_MILLISECOND,
  };
}

/** A time of day alone: milliseconds since midnight. */
export function fromTimeOfDay(ticks: number): SqlDateTime {
  return fromDayAndTime({ day: DAY_1970, ticks });
}

/** Rounds to a step (in ticks) and carries into the next day. */
export function roundTo(step: number, { day, ticks }: DayAndTime): DayAndTime {
  const rounded = Math.round(ticks / step) * step;
  return rounded >= TICKS_PER_DAY
    ? { day: day + 1, ticks: rounded - TICKS_PER_DAY }
    : { day, ticks: rounded };
}

/** Bytes of a time of this scale (0 to 7). */
export function timeBytes(scale: number): number {
  if (scale <= 2) return 3;
  return scale <= 4 ? 4 : 5;
}

/** One unit of a time of this scale, in ticks. */
export function ticksPerUnit(scale: number): number {
  return 10 ** (7 - scale);
}
