/** sp_getapplock's modes; a database's writer holds Exclusive. */
export type LockMode = "IntentShared" | "Shared" | "Update" | "IntentExclusive" | "Exclusive";

const MODES: readonly LockMode[] = ["IntentShared", "Shared", "Update", "IntentExclusive", "Exclusive"];

/** learn.microsoft.com, "Lock compatibility". */
const COMPATIBLE: Readonly<Record<LockMode, readonly LockMode[]>> = {
  IntentShared: ["IntentShared", "Shared", "Update", "IntentExclusive"],
  Shared: ["IntentShared", "Shared", "Update"],
  Update: ["IntentShared", "Shared"],
  IntentExclusive: ["IntentShared", "IntentExclusive"],
  Exclusive: [],
};

export function isCompatible(held: LockMode, wanted: LockMode): boolean {
  return COMPATIBLE[held].includes(wanted);
}

export function parseLockMode(text: string): LockMode | undefined {
  return MODES.find((mode) => mode.toLowerCase() === text.toLowerCase());
}
