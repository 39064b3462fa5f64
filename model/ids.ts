import { z } from "zod";

/** `yyyymmdd-hhmmss-xxxxxx`: the moment the run was accepted (UTC) and six random hex digits. */
export const RunId = z
  .string()
  .regex(/^\d{8}-\d{6}-[0-9a-f]{6}$/)
  .brand<"RunId">();
export type RunId = z.infer<typeof RunId>;

/** The target's place in the run's list, from 1, six digits: sorts as text in the caller's order. */
export const TargetId = z
  .string()
  .regex(/^\d{6}$/)
  .brand<"TargetId">();
export type TargetId = z.infer<typeof TargetId>;

/** SHA-256 as 64 lower-case hex digits. */
export const Sha256 = z.string().regex(/^[0-9a-f]{64}$/);

/** @param randomHex six hex digits, from the caller's source of randomness. */
export function toRunId(acceptedAt: Date, randomHex: string): RunId {
  const [date, time] = acceptedAt.toISOString().split("T") as [string, string];
  return RunId.parse(`${date.replaceAll("-", "")}-${time.slice(0, 8).replaceAll(":", "")}-${randomHex}`);
}

/** Table storage lists ascending only: the digits' complement makes the newest run the first row. */
export function toRunSortKey(runId: RunId): string {
  return runId.replaceAll(/[0-9a-f]/g, (digit) => (15 - Number.parseInt(digit, 16)).toString(16));
}

export function toTargetId(place: number): TargetId {
  return TargetId.parse(String(place).padStart(6, "0"));
}

/** Name of the run's Service Bus subscription (Azure allows 50 characters). */
export function toSubscriptionName(runId: RunId): string {
  return `run-${runId}`;
}

/** One compute job per round of a run. */
export function toJobId(runId: RunId, round: number): string {
  return `run-${runId}-${round}`;
}

/** Raised to the watch instance when there may be news: every target has its outcome, or a cancel was asked for. */
export const wakeEvent = "wake";

/** The `watch` orchestration of a run: events that should wake it are raised to this instance. */
export function toWatchInstanceId(runId: RunId): string {
  return `${runId}:watch`;
}
