import type { BatchManagementClient, Pool } from "@azure/arm-batch";
import type { BatchServiceClient } from "@azure/batch";

/** What an account must have for the suite. The suite makes one pool and its own jobs, and removes them. */
export interface BatchSubject {
  readonly management: BatchManagementClient;
  readonly data: BatchServiceClient;
  readonly resourceGroup: string;
  readonly accountName: string;
  /** Linux, two dedicated nodes, one slot each, with one user-assigned identity. */
  readonly pool: Pool;
  /** How long nodes may take, milliseconds. */
  readonly patience: number;
}
