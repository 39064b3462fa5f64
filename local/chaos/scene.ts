import type { Stack } from "../stack.ts";
import type { Trouble } from "../parts/options.ts";
import { type Door, startDoor } from "./door.ts";
import type { FaultKind } from "./plan-faults.ts";

/** The stack under chaos, and how to make trouble in it. */
export interface Scene {
  readonly stack: Stack;
  readonly blob: Door;
  readonly servers: number;
  /** Milliseconds each call to the Key Vault waits. */
  readonly slowKeyVault: (milliseconds: number) => void;
  readonly count: (kind: FaultKind) => void;
  /** @returns false when it is being restarted already */
  readonly restartHost: () => Promise<boolean>;
  /** Ends something after a while, or when the chaos ends. */
  readonly endAfter: (milliseconds: number, end: () => void) => void;
}

/** What has to be in place before the stack starts. */
export interface Traps {
  readonly trouble: Trouble;
  readonly blob: () => Door;
  readonly slowKeyVault: (milliseconds: number) => void;
}

export function setTraps(): Traps {
  let door: Door | undefined;
  let slowness = 0;
  const blob = (): Door => {
    if (!door) throw new Error("The stack has no blob service yet.");
    return door;
  };
  return {
    trouble: {
      keyVault: async () => {
        if (slowness > 0) await new Promise((resolve) => setTimeout(resolve, slowness));
        return undefined;
      },
      storageFront: async (service, port) => {
        if (service === "blob") return (door = await startDoor(port));
        return undefined;
      },
    },
    blob,
    slowKeyVault: (milliseconds) => {
      slowness = milliseconds;
    },
  };
}
