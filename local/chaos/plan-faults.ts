import { createRandom, shuffle } from "./random.ts";

/** Everything that is made to go wrong; inject.ts says how. */
export const faultKinds = [
  "workerKilled",
  "workerFrozen",
  "nodeLost",
  "messagesDuplicated",
  "locksDropped",
  "settlementLost",
  "serviceBusCut",
  "eventHubsCut",
  "eventHubsGone",
  "sqlLoginCut",
  "sqlLoginRefused",
  "sqlOpeningCut",
  "sqlScriptCut",
  "sqlDeadlock",
  "sqlThrottled",
  "sqlCutBeforeCommit",
  "sqlCutDuringCommit",
  "sqlCutAfterCommit",
  "keyVaultSlow",
  "blobRefusing",
  "blobSilent",
  "hostRestarted",
] as const;
export type FaultKind = (typeof faultKinds)[number];

export interface PlannedFault {
  readonly kind: FaultKind;
  /** Milliseconds after the run was started. */
  readonly at: number;
  /** 0 ≤ pick < 1: which of several (workers, servers, forms) it hits. */
  readonly pick: number;
  /** For what lasts a while. */
  readonly milliseconds: number;
}

/** Between faults, on average. */
const every = 750;

/**
 * The same plan for the same seed and length. Kinds come like cards from a shuffled deck, so that each comes about as
 * often as the others.
 */
export function planFaults(seed: string, seconds: number): readonly PlannedFault[] {
  const random = createRandom(seed);
  const count = Math.floor((seconds * 1_000) / every);
  const decks = Math.ceil(count / faultKinds.length);
  const kinds = Array.from({ length: decks }, () => shuffle(faultKinds, random)).flat();
  return kinds
    .slice(0, count)
    .map((kind) => ({
      kind,
      at: Math.floor(random() * seconds * 1_000),
      pick: random(),
      milliseconds: 500 + Math.floor(random() * 4_500),
    }))
    .sort((left, right) => left.at - right.at);
}
