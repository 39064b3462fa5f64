import { z } from "zod";
import { TargetId } from "./ids.ts";

/** One unit of work: a server with one or more databases, each with the name its scripts know it by. */
export const Target = z.object({
  id: TargetId,
  server: z.string(),
  databases: z.array(z.object({ default: z.string(), override: z.string() })).min(1),
  tag: z.string().exactOptional(),
});
export type Target = z.infer<typeof Target>;

export const TargetState = z.enum([
  "queued",
  "running",
  "committed",
  "trialRolledBack",
  "alreadyApplied",
  "rolledBack",
  "failed",
  "cancelled",
  "lost",
]);
export type TargetState = z.infer<typeof TargetState>;

/** How one attempt at a target can end, as a worker reports it. */
export const OutcomeState = TargetState.exclude(["queued", "running", "lost"]);
export type OutcomeState = z.infer<typeof OutcomeState>;

const unfinished: readonly TargetState[] = ["queued", "running"];
const successful: readonly TargetState[] = ["committed", "trialRolledBack", "alreadyApplied"];

export function isFinished(state: TargetState): boolean {
  return !unfinished.includes(state);
}

export function isSuccess(state: TargetState): boolean {
  return successful.includes(state);
}

/** Longest error text that leaves a worker, in characters: more would bloat tables and histories. */
export const maxErrorText = 4_000;

/** Why a target did not succeed. */
export const TargetError = z.object({
  /** From the failure catalogue. */
  code: z.string(),
  /** SQL Server's error number, when the server said no. */
  number: z.int().optional(),
  message: z.string().max(maxErrorText),
  database: z.string().optional(),
  script: z.string().optional(),
  /** Line in the original script file. */
  line: z.int().optional(),
});
export type TargetError = z.infer<typeof TargetError>;

/** What a worker knows at the end of its work on one target. Also the result record it leaves in Blob. */
export const TargetOutcome = z.object({
  state: OutcomeState,
  /** Tries it took, over all deliveries and retries; ≥ 1. */
  attempts: z.int().min(1),
  startedAt: z.iso.datetime(),
  endedAt: z.iso.datetime(),
  /** One line per database of the target, in order. */
  databases: z.array(z.object({ name: z.string(), state: OutcomeState })),
  error: TargetError.optional(),
});
export type TargetOutcome = z.infer<typeof TargetOutcome>;
