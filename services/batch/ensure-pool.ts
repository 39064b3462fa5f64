import type { BatchManagementClient, Pool } from "@azure/arm-batch";
import type { FunctionSettings } from "../../model/settings.ts";
import { statusOf } from "./batch-errors.ts";
import { toPool } from "./plan-batch.ts";

/** Makes the pool, or lets it grow: a pool that another run uses is never made smaller. */
export async function ensurePool(
  client: BatchManagementClient,
  settings: FunctionSettings,
  nodes: number,
): Promise<void> {
  const { AZURE_RESOURCE_GROUP: group, BATCH_ACCOUNT_NAME: account, BATCH_POOL_ID: pool } = settings;
  try {
    const existing = await client.poolOperations.get(group, account, pool);
    await grow(existing, nodes, (scaleSettings) =>
      client.poolOperations.update(group, account, pool, { scaleSettings }),
    );
  } catch (error) {
    if (statusOf(error) !== 404) throw error;
    await create(client, settings, nodes);
  }
}

/** Two runs may find no pool at the same time: the second must not put its size over the first one's. */
async function create(
  client: BatchManagementClient,
  settings: FunctionSettings,
  nodes: number,
): Promise<void> {
  const { AZURE_RESOURCE_GROUP: group, BATCH_ACCOUNT_NAME: account, BATCH_POOL_ID: pool } = settings;
  try {
    await client.poolOperations.create(group, account, pool, toPool(settings, nodes), { ifNoneMatch: "*" });
  } catch (error) {
    if (statusOf(error) !== 412) throw error;
    await ensurePool(client, settings, nodes);
  }
}

async function grow(
  pool: Pool,
  nodes: number,
  resize: (scaleSettings: NonNullable<Pool["scaleSettings"]>) => Promise<unknown>,
): Promise<void> {
  const size = planSize(pool, nodes);
  if (size === undefined) return;
  try {
    await resize({ fixedScale: { targetDedicatedNodes: size } });
  } catch (error) {
    // It is being resized for another run, and takes no second wish meanwhile. The tasks share what it gets.
    if (statusOf(error) !== 409) throw error;
  }
}

/**
 * The size to ask for, or undefined to leave the pool as it is. A pool that did not get its nodes is asked again:
 * the service does not try by itself.
 */
function planSize({ scaleSettings, resizeOperationStatus }: Pool, nodes: number): number | undefined {
  if (scaleSettings?.autoScale) return undefined;
  const now = scaleSettings?.fixedScale?.targetDedicatedNodes ?? 0;
  const isShort = resizeOperationStatus?.errors?.[0] !== undefined;
  return now < nodes || isShort ? Math.max(now, nodes) : undefined;
}
