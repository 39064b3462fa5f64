import type { BatchManagementClient, Pool } from "@azure/arm-batch";
import type { FunctionSettings } from "../../model/settings.ts";
import { statusOf } from "./batch-errors.ts";
import { toPool } from "./plan-pool.ts";
import { isOurs, type Size, toFixedScale, toScale } from "./plan-scale.ts";

type ScaleSettings = NonNullable<Pool["scaleSettings"]>;

/**
 * Makes the pool, or lets it grow: a pool that another run uses is never made smaller here. One that scales by a
 * formula is told again how many nodes are wanted, which has the formula evaluated.
 */
export async function ensurePool(
  client: BatchManagementClient,
  settings: FunctionSettings,
  nodes: number,
): Promise<void> {
  const { AZURE_RESOURCE_GROUP: group, BATCH_ACCOUNT_NAME: account, BATCH_POOL_ID: pool } = settings;
  try {
    const existing = await client.poolOperations.get(group, account, pool);
    const scaleSettings = planScale(existing, settings, nodes);
    if (scaleSettings) {
      await resize(() => client.poolOperations.update(group, account, pool, { scaleSettings }));
    }
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
  const wanted = toPool(settings, toScale(settings, nodes, new Date()));
  try {
    await client.poolOperations.create(group, account, pool, wanted, { ifNoneMatch: "*" });
  } catch (error) {
    if (statusOf(error) !== 412) throw error;
    await ensurePool(client, settings, nodes);
  }
}

async function resize(act: () => Promise<unknown>): Promise<void> {
  try {
    await act();
  } catch (error) {
    // It is being resized for another run, and takes no second wish meanwhile. The tasks share what it gets.
    if (statusOf(error) !== 409) throw error;
  }
}

/** What to ask for, or undefined to leave the pool as it is: one with somebody's own formula always. */
function planScale(pool: Pool, settings: FunctionSettings, nodes: number): ScaleSettings | undefined {
  const formula = pool.scaleSettings?.autoScale?.formula;
  if (formula !== undefined && !isOurs(formula)) return undefined;
  if (settings.BATCH_SCALE === "autoscale") return toScale(settings, nodes, new Date());
  return planFixed(pool, toFixedScale(settings, nodes));
}

/** A pool that did not get its nodes is asked again: the service does not try by itself. */
function planFixed({ scaleSettings, resizeOperationStatus }: Pool, wanted: Size): ScaleSettings | undefined {
  const none: Size = { targetDedicatedNodes: 0, targetLowPriorityNodes: 0 };
  const now = { ...none, ...scaleSettings?.fixedScale };
  const targetDedicatedNodes = Math.max(now.targetDedicatedNodes, wanted.targetDedicatedNodes);
  const targetLowPriorityNodes = Math.max(now.targetLowPriorityNodes, wanted.targetLowPriorityNodes);
  const isLargeEnough =
    targetDedicatedNodes === now.targetDedicatedNodes &&
    targetLowPriorityNodes === now.targetLowPriorityNodes;
  const isShort = resizeOperationStatus?.errors?.[0] !== undefined;
  if (isLargeEnough && !isShort) return undefined;
  return { fixedScale: { targetDedicatedNodes, targetLowPriorityNodes } };
}
