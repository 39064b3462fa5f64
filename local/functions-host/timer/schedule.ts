import { Cron } from "croner";

/** When a timer is due. */
export interface Schedule {
  /** The first time after `milliseconds` (since 1970); undefined = never again. */
  next(milliseconds: number): number | undefined;
}

/**
 * Reads the `schedule` of a timer trigger: NCRONTAB with six fields, seconds first, or five; or a time span
 * ("00:05:00") between runs.
 * @param timeZone IANA name (the setting WEBSITE_TIME_ZONE); absent = UTC.
 * @throws {Error} when it is none of these.
 */
export function parseSchedule(text: string, timeZone = "UTC"): Schedule {
  const span = /^(\d+):(\d{2}):(\d{2})$/.exec(text.trim());
  if (span !== null) return every(span);
  const cron = new Cron(text, {
    paused: true,
    timezone: timeZone,
    mode: "5-or-6-parts",
    // NCRONTAB wants day of month and day of week both to fit, where cron is content with one.
    domAndDow: true,
    // … and reads 0/15 as "from 0 on, every 15".
    sloppyRanges: true,
  });
  return { next: (milliseconds) => cron.nextRun(new Date(milliseconds))?.getTime() };
}

function every(span: RegExpExecArray): Schedule {
  const [hours = 0, minutes = 0, seconds = 0] = span.slice(1).map(Number);
  const interval = ((hours * 60 + minutes) * 60 + seconds) * 1000;
  if (interval === 0) throw new Error("A timer cannot run every 0 seconds");
  return { next: (milliseconds) => milliseconds + interval };
}
