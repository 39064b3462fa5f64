import { describe, expect, it } from "vitest";
import { delayBefore } from "../../../local/functions-host/run-with-retries.ts";

describe("the delay before a retry", () => {
  it("is the same each time, or doubles up to a limit", () => {
    const fixed = { maxRetryCount: 3, retryStrategy: "fixedDelay", delayInterval: { seconds: 2 } } as const;
    expect([0, 1, 5].map((count) => delayBefore(count, fixed))).toEqual([2000, 2000, 2000]);
    const growing = {
      maxRetryCount: -1,
      retryStrategy: "exponentialBackoff",
      minimumInterval: { seconds: 1 },
      maximumInterval: { seconds: 5 },
    } as const;
    expect([0, 1, 2, 3, 99].map((count) => delayBefore(count, growing))).toEqual([
      1000, 2000, 4000, 5000, 5000,
    ]);
  });
});
