import { Failure, type FailureCode, failures } from "../../model/failures.ts";
import { maxErrorText, type TargetError } from "../../model/target.ts";
import { classifyError } from "./classify-error.ts";
import { brokenTransaction, openTransaction } from "./statements/closing.ts";
import { SqlFault } from "./sql/sql-fault.ts";

/**
 * What may be done about it. transient: try again · permanent: give up · ambiguous: the connection was lost while
 * COMMIT was on its way, only the journal knows.
 */
type Retry = "transient" | "permanent" | "ambiguous";

/**
 * untouched: no script had begun · undone: what was begun is rolled back · partial: something of the package is, or
 * may be, in the database.
 */
export type Effect = "untouched" | "undone" | "partial";

interface AttemptFaultFacts {
  readonly retry: Retry;
  readonly effect: Effect;
  readonly error: TargetError;
  /** An order to stop ended it, not the database. */
  readonly stopped?: boolean;
}

/** One attempt at one database ended without success. */
export class AttemptFault extends Error {
  override readonly name = "AttemptFault";
  readonly facts: AttemptFaultFacts;

  constructor(facts: AttemptFaultFacts, options?: ErrorOptions) {
    super(facts.error.message, options);
    this.facts = facts;
  }
}

/** Where an error happened, in the words of the package. */
export interface Place {
  readonly database: string;
  readonly script?: string;
  /** Line of the script on which the batch starts. */
  readonly line?: number;
}

/** Anything thrown during an attempt, as a fault of the attempt. */
export function toAttemptFault(error: unknown, place: Place, effect: Effect): AttemptFault {
  if (error instanceof AttemptFault) return error;
  if (!(error instanceof SqlFault)) {
    const message = error instanceof Error ? error.message : String(error);
    return toFault("WorkerFailed", message, place, { effect });
  }
  const { number, kind, phase } = error.facts;
  const { code, retry } = toJudgement(error);
  const isBroken = number === brokenTransaction;
  const targetError = {
    ...toError(code, error.message, place),
    ...(number && !isOurs(number) && { number }),
  };
  const line = toScriptLine(error, place);
  return new AttemptFault({
    retry,
    effect: isBroken ? "partial" : phase === "connect" ? "untouched" : effect,
    error: { ...targetError, ...(line !== undefined && { line }) },
    ...(kind === "cancelled" && { stopped: true }),
  });
}

/** Why there was no token the identity's own failure says best, also whether another try could bring one. */
function toJudgement({ facts, cause }: SqlFault): ReturnType<typeof classifyError> {
  if (!(cause instanceof Failure)) return classifyError(facts);
  return { code: cause.code, retry: failures[cause.code].retry ? "transient" : "permanent" };
}

/** A fault we found ourselves; giving up is the default. */
export function toFault(
  code: FailureCode,
  message: string,
  place: Place,
  { effect, retry = "permanent" }: { readonly effect: Effect; readonly retry?: Retry },
): AttemptFault {
  return new AttemptFault({ retry, effect, error: toError(code, message, place) });
}

/** An order to stop came before the work was committed. */
export function toStoppedFault(place: Place, effect: Effect): AttemptFault {
  const error = toError("RunCancelled", "The work was stopped before it was committed.", place);
  return new AttemptFault({ retry: "permanent", effect, error, stopped: true });
}

function toError(code: FailureCode, message: string, { database, script }: Place): TargetError {
  return { code, message: message.slice(0, maxErrorText), database, ...(script !== undefined && { script }) };
}

/** A line inside a procedure is not one of the script. */
function toScriptLine({ facts }: SqlFault, place: Place): number | undefined {
  if (facts.line === undefined || place.line === undefined || facts.procedure !== undefined) return undefined;
  return place.line + Math.max(facts.line, 1) - 1;
}

const isOurs = (number: number): boolean => number === brokenTransaction || number === openTransaction;
