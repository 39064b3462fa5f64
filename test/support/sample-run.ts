import { randomBytes } from "node:crypto";
import { toRunId, toTargetId, type RunId } from "../../model/ids.ts";
import type { EventPosition, TargetEvent } from "../../model/messages.ts";
import { planBuckets } from "../../model/progress.ts";
import type { Run } from "../../model/run.ts";
import type { OutcomeState, Target, TargetOutcome } from "../../model/target.ts";

/** Facts of a run that tests need and do not care about. */

export const sampleTime = "2026-01-02T03:04:05.000Z";

/** Another one each time, so that tests over one store do not meet. */
export function newRunId(at = new Date(sampleTime)): RunId {
  return toRunId(at, randomBytes(3).toString("hex"));
}

export function sampleTarget(place: number, more: Partial<Target> = {}): Target {
  const name = String(place).padStart(3, "0");
  return {
    id: toTargetId(place),
    server: `srv${(place % 4) + 1}`,
    databases: [{ default: "client", override: `tenant${name}` }],
    ...more,
  };
}

export function sampleRun(id: RunId, targets: number, more: Partial<Run> = {}): Run {
  return {
    id,
    state: "accepted",
    plan: {
      package: { name: "release-42", sha256: "0".repeat(64) },
      compute: { kind: "batch", nodes: 2 },
      concurrency: { type: "Count", limit: 10 },
      mode: "commit",
      transaction: "package",
      retry: { attempts: 3 },
      changedScript: "fail",
      connection: { encrypt: "mandatory", trustServerCertificate: false },
      auth: { kind: "Password" },
      description: "",
    },
    targets,
    buckets: planBuckets(targets),
    createdAt: sampleTime,
    ...more,
  };
}

interface EventFacts {
  readonly place: number;
  /** Of the whole run; decides about the bucket. */
  readonly of?: number;
  readonly position?: Partial<EventPosition>;
  readonly workerId?: string;
}

export function startedEvent(runId: RunId, facts: EventFacts): TargetEvent {
  return { ...toBase(runId, facts, 1), type: "started" };
}

export function endedEvent(
  runId: RunId,
  facts: EventFacts & { readonly state: OutcomeState; readonly outcome?: Partial<TargetOutcome> },
): Extract<TargetEvent, { type: "ended" }> {
  const { place, state } = facts;
  const databases = sampleTarget(place).databases.map(({ override }) => ({ name: override, state }));
  const times = { startedAt: sampleTime, endedAt: sampleTime };
  const outcome = { state, attempts: 1, ...times, databases, ...facts.outcome };
  return { ...toBase(runId, facts, 2), type: "ended", outcome };
}

function toBase(
  runId: RunId,
  { place, of = 1, position, workerId = "worker-1" }: EventFacts,
  sequence: number,
): Omit<TargetEvent, "type" | "outcome"> {
  return {
    runId,
    targetId: toTargetId(place),
    bucket: toBucket(place, Math.max(of, place)),
    position: { round: 1, delivery: 1, sequence, ...position },
    workerId,
    at: sampleTime,
  };
}

/** Buckets are stretches of the list. */
function toBucket(place: number, targets: number): number {
  return Math.floor((place - 1) / Math.ceil(targets / planBuckets(targets)));
}
