import { expect, test } from "vitest";
import { DuplicateDetection } from "../../../../local/service-bus/state/duplicate-detection.ts";
import { createManualClock } from "../../functions-host/manual-clock.ts";

test("an id is remembered for the window from its first time on", async () => {
  const clock = createManualClock("2026-01-01T00:00:00Z");
  const detection = new DuplicateDetection(clock, 10_000);
  expect(detection.isDuplicate("a")).toBe(false);
  await clock.advance(9_999);
  expect(detection.isDuplicate("a")).toBe(true);
  await clock.advance(1);
  expect(detection.isDuplicate("a")).toBe(false);
});
