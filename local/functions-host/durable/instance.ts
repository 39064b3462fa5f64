export type RuntimeStatus = "Pending" | "Running" | "Suspended" | "Completed" | "Failed" | "Terminated";

/** One orchestration as the store keeps it, without its history. */
export interface Instance {
  readonly id: string;
  /** Another one after every continueAsNew: what arrives for an older execution is dropped. */
  readonly executionId: string;
  readonly name: string;
  readonly version: string;
  readonly status: RuntimeStatus;
  /** JSON text, as output and customStatus. */
  readonly input: string;
  readonly output: string;
  readonly customStatus: string;
  readonly parent: ParentTask | undefined;
  /** Milliseconds since 1970, as updatedAt. */
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** The task of another orchestration that waits for this one. */
export interface ParentTask {
  readonly instanceId: string;
  readonly executionId: string;
  readonly taskId: number;
}

export function hasEnded(status: RuntimeStatus): boolean {
  return status === "Completed" || status === "Failed" || status === "Terminated";
}
