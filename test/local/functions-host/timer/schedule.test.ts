import { describe, expect, it } from "vitest";
import { parseSchedule } from "../../../../local/functions-host/timer/schedule.ts";

describe("a timer's schedule", () => {
  it.each([
    ["0 */5 * * * *", "2026-01-01T00:00:00Z", "2026-01-01T00:05:00.000Z"],
    ["*/10 * * * * *", "2026-01-01T00:00:00.500Z", "2026-01-01T00:00:10.000Z"],
    ["0 0/15 * * * *", "2026-01-01T00:01:00Z", "2026-01-01T00:15:00.000Z"],
    ["30 4 * * *", "2026-01-01T05:00:00Z", "2026-01-02T04:30:00.000Z"],
    // Friday the 13th: both must fit.
    ["0 0 0 13 * 5", "2026-01-01T00:00:00Z", "2026-02-13T00:00:00.000Z"],
    ["0 30 9 * Jan Mon", "2026-01-01T00:00:00Z", "2026-01-05T09:30:00.000Z"],
    ["00:01:30", "2026-01-01T00:00:00Z", "2026-01-01T00:01:30.000Z"],
  ])("%s after %s is due at %s", (schedule, after, due) => {
    expect(new Date(parseSchedule(schedule).next(Date.parse(after))!).toISOString()).toBe(due);
  });

  it("is read in the time zone of the app", () => {
    const due = parseSchedule("0 0 9 * * *", "Europe/Berlin").next(Date.parse("2026-07-01T00:00:00Z"));
    expect(new Date(due!).toISOString()).toBe("2026-07-01T07:00:00.000Z");
  });

  it.each(["", "every day", "0 0 25 * * *", "00:00:00"])("cannot be %j", (schedule) => {
    expect(() => parseSchedule(schedule)).toThrow();
  });
});
