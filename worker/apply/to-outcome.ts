import type { OutcomeState, TargetError, TargetOutcome } from "../../model/target.ts";
import type { DatabaseEnd } from "./apply-database.ts";
import type { AttemptFault } from "./attempt-fault.ts";

/** One database of a target: how it ended, or undefined when an earlier one ended the target first. */
export interface EndedDatabase {
  readonly name: string;
  readonly end: DatabaseEnd | undefined;
}

export interface TargetTimes {
  readonly startedAt: string;
  readonly endedAt: string;
  /** Tries of earlier deliveries of the same message. */
  readonly earlierTries: number;
}

/** What is reported of a target, from what became of its databases. */
export function toOutcome(databases: readonly EndedDatabase[], times: TargetTimes): TargetOutcome {
  const states = databases.map(({ name, end }) => ({ name, state: toDatabaseState(end) }));
  const fault = databases.map(({ end }) => faultOf(end)).find((each) => each !== undefined);
  const retries = databases.reduce((sum, { end }) => sum + (end ? end.tries - 1 : 0), 0);
  return {
    state: toTargetState(states.map(({ state }) => state)),
    attempts: times.earlierTries + 1 + retries,
    startedAt: times.startedAt,
    endedAt: times.endedAt,
    databases: states,
    ...(fault && { error: fault.facts.error }),
  };
}

/** A target nothing was tried at: a script has no database, a server is not allowed. */
export function toRefusedOutcome(
  names: readonly string[],
  error: TargetError,
  times: TargetTimes,
): TargetOutcome {
  return {
    state: "failed",
    attempts: times.earlierTries + 1,
    startedAt: times.startedAt,
    endedAt: times.endedAt,
    databases: names.map((name) => ({ name, state: "failed" })),
    error,
  };
}

const faultOf = (end: DatabaseEnd | undefined): AttemptFault | undefined =>
  end?.state === "ended" ? end.fault : undefined;

/** rolledBack: nothing of the run is in the database. failed: it was never begun, or part of it may be there. */
function toDatabaseState(end: DatabaseEnd | undefined): OutcomeState {
  if (!end) return "cancelled";
  if (end.state !== "ended") return end.state;
  const { effect, stopped } = end.fault.facts;
  if (effect === "partial") return "failed";
  return effect === "undone" || stopped ? "rolledBack" : "failed";
}

/** One committed database beside one that is not: part of the target is done, which is nobody's success. */
function toTargetState(states: readonly OutcomeState[]): OutcomeState {
  const unfinished = states.filter((state) => !isDone(state));
  if (unfinished.length === 0) return states.find((state) => state !== "alreadyApplied") ?? "alreadyApplied";
  if (states.includes("failed") || states.includes("committed")) return "failed";
  return "rolledBack";
}

function isDone(state: OutcomeState): boolean {
  return state === "committed" || state === "trialRolledBack" || state === "alreadyApplied";
}
