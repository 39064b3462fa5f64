import { setTimeout as wait } from "node:timers/promises";
import type { Stack } from "../stack.ts";
import { inject } from "./inject.ts";
import { type FaultKind, faultKinds, type PlannedFault } from "./plan-faults.ts";
import type { Scene, Traps } from "./scene.ts";

export interface FaultsRun {
  /** How many faults hit, by kind; the kinds that did not are left out. */
  readonly counts: () => Readonly<Partial<Record<FaultKind, number>>>;
  /** Settles when the last one happened, or the signal came, and everything is as it should be again. */
  readonly over: Promise<void>;
}

/** Lets the plan's faults happen, each at its time. @param signal ends it early */
export function runFaults(
  plan: readonly PlannedFault[],
  stack: Stack,
  traps: Traps,
  signal: AbortSignal,
): FaultsRun {
  const counts = new Map<FaultKind, number>();
  const ends = new Set<() => void>();
  const scene: Scene = {
    stack,
    blob: traps.blob(),
    servers: stack.file.sql.length,
    slowKeyVault: traps.slowKeyVault,
    count: (kind) => counts.set(kind, (counts.get(kind) ?? 0) + 1),
    restartHost: onlyOne(() => stack.restartHost()),
    endAfter: (milliseconds, end) => {
      const once = (): void => {
        if (ends.delete(once)) end();
      };
      ends.add(once);
      setTimeout(once, milliseconds);
    },
  };
  const follow = async (): Promise<void> => {
    const startedAt = performance.now();
    const happening: Promise<void>[] = [];
    for (const fault of plan) {
      await wait(startedAt + fault.at - performance.now(), undefined, { signal }).catch(() => undefined);
      if (signal.aborted) break;
      happening.push(inject(scene, fault));
    }
    await Promise.all(happening);
    for (const end of [...ends]) end();
    stack.serviceBus.faults.clear();
    stack.eventHubs.faults.clear();
    stack.sqlFaults?.clear();
  };
  return {
    counts: () => Object.fromEntries(faultKinds.flatMap((kind) => toEntry(kind, counts.get(kind)))),
    over: follow(),
  };
}

function toEntry(kind: FaultKind, count: number | undefined): readonly (readonly [FaultKind, number])[] {
  return count === undefined ? [] : [[kind, count]];
}

/** @returns a function that does the work unless it is being done */
function onlyOne(work: () => Promise<void>): () => Promise<boolean> {
  let busy = false;
  return async () => {
    if (busy) return false;
    busy = true;
    try {
      await work();
    } finally {
      busy = false;
    }
    return true;
  };
}
