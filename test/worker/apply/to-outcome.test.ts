import { describe, expect, it } from "vitest";
import { AttemptFault, type Effect } from "../../../worker/apply/attempt-fault.ts";
import { type EndedDatabase, toOutcome } from "../../../worker/apply/to-outcome.ts";

const times = { startedAt: "2026-01-01T00:00:00.000Z", endedAt: "2026-01-01T00:00:01.000Z", earlierTries: 0 };

const done = (name: string, state: "committed" | "alreadyApplied" | "trialRolledBack"): EndedDatabase => ({
  name,
  end: { state, tries: 1 },
});

function failed(name: string, effect: Effect, tries = 1): EndedDatabase {
  const error = { code: "SqlFailed", number: 547, message: "conflict", database: name };
  return {
    name,
    end: { state: "ended", tries, fault: new AttemptFault({ retry: "permanent", effect, error }) },
  };
}

const stateOf = (...databases: EndedDatabase[]): string => toOutcome(databases, times).state;

describe("toOutcome", () => {
  it("is committed when all databases are, or had nothing to do", () => {
    expect(stateOf(done("a", "committed"), done("b", "committed"))).toBe("committed");
    expect(stateOf(done("a", "alreadyApplied"), done("b", "committed"))).toBe("committed");
    expect(stateOf(done("a", "alreadyApplied"), done("b", "alreadyApplied"))).toBe("alreadyApplied");
    expect(stateOf(done("a", "trialRolledBack"))).toBe("trialRolledBack");
  });

  it("is rolledBack when nothing of the run is in any database", () => {
    const outcome = toOutcome([failed("a", "undone"), { name: "b", end: undefined }], times);
    expect(outcome.state).toBe("rolledBack");
    expect(outcome.databases.map(({ state }) => state)).toEqual(["rolledBack", "cancelled"]);
    expect(outcome.error).toMatchObject({ code: "SqlFailed", number: 547, database: "a" });
  });

  it("is failed when one database is committed and the next is not", () => {
    const outcome = toOutcome([done("a", "committed"), failed("b", "undone")], times);
    expect(outcome.state).toBe("failed");
    expect(outcome.databases.map(({ state }) => state)).toEqual(["committed", "rolledBack"]);
  });

  it("is failed when it was never begun, or may be partly there", () => {
    expect(stateOf(failed("a", "untouched"))).toBe("failed");
    expect(stateOf(failed("a", "partial"))).toBe("failed");
  });

  it("counts tries over deliveries and databases", () => {
    const databases = [done("a", "committed"), failed("b", "undone", 3)];
    expect(toOutcome(databases, { ...times, earlierTries: 2 }).attempts).toBe(5);
  });
});
