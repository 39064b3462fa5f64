import { KubernetesError } from "./errors.ts";
import type { KubeObject } from "./objects.ts";
import type { Resource } from "./resources.ts";

export interface Change {
  readonly type: "ADDED" | "MODIFIED" | "DELETED";
  readonly resource: Resource;
  readonly object: KubeObject;
  /** What was there before, of a modified one. */
  readonly before?: KubeObject;
  readonly version: number;
}

/** What happened lately, in order, and who wants to know what happens. */
interface Journal {
  /** A version that was not there yet. */
  next(): number;
  publish(change: Change): void;
  /** The newest version. */
  readonly version: () => string;
  readonly watch: (from: string | undefined, listener: (change: Change) => void) => () => void;
}

/** A watch that asks for something older has to list again, as with a real server. */
const keptChanges = 5_000;

export function createJournal(): Journal {
  const listeners = new Set<(change: Change) => void>();
  const changes: Change[] = [];
  let version = 1;
  return {
    next: () => (version += 1),
    publish: (change) => {
      changes.push(change);
      if (changes.length > keptChanges) changes.shift();
      for (const listener of listeners) listener(change);
    },
    version: () => String(version),
    watch: (from, listener) => {
      const missed = from === undefined ? [] : changesAfter(changes, Number(from), version);
      for (const change of missed) listener(change);
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

function changesAfter(changes: readonly Change[], from: number, now: number): readonly Change[] {
  const oldest = changes[0]?.version ?? now + 1;
  if (Number.isNaN(from) || from < oldest - 1) {
    throw new KubernetesError("Expired", `too old resource version: ${from} (${oldest})`);
  }
  return changes.filter((change) => change.version > from);
}
