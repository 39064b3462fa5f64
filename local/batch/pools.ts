import { type Account, type Json, now, type Pool } from "./account.ts";
import { startAutoScale } from "./autoscale/scale-pool.ts";
import { checkPool, toTarget } from "./check-pool.ts";
import { BatchError } from "./errors.ts";
import { removeNode } from "./nodes.ts";

/** The life of a pool, whichever plane it is managed by. */

/** What cannot change once the pool is there. */
const fixed = ["vmSize", "deploymentConfiguration"];

/** @throws BatchError when there is none. */
export function findPool(account: Account, id: string): Pool {
  const pool = account.pools.get(id);
  if (!pool) throw new BatchError(404, "PoolNotFound", "The specified pool does not exist.");
  return pool;
}

/** @throws BatchError for what the service would refuse. */
export function createPool(
  account: Account,
  facts: Pick<Pool, "id" | "resourceId" | "given" | "identities">,
): Pool {
  const { given } = facts;
  checkPool(account, given, facts.identities);
  const at = now(account);
  const pool: Pool = {
    ...facts,
    ...{ createdAt: at, modifiedAt: at, state: "active" },
    target: toTarget(given),
    resizeErrors: [],
    nodes: new Map(),
  };
  account.pools.set(pool.id, pool);
  startAutoScale(account, pool);
  account.wake();
  return pool;
}

/** @param given all properties, as they are to be. @throws BatchError for what the service would refuse. */
export function updatePool(account: Account, pool: Pool, given: Json): Pool {
  checkPool(account, given, pool.identities);
  for (const name of fixed) {
    if (JSON.stringify(given[name]) !== JSON.stringify(pool.given[name])) {
      throw new BatchError(409, "PropertyCannotBeUpdated", `The property ${name} cannot be updated.`);
    }
  }
  pool.given = given;
  pool.target = toTarget(given);
  startAutoScale(account, pool);
  pool.resizeErrors = [];
  pool.modifiedAt = now(account);
  account.wake();
  return pool;
}

/** Starts to; the pool is gone when its nodes are. */
export function deletePool(account: Account, pool: Pool): void {
  pool.state = "deleting";
  pool.target = { dedicated: 0, spot: 0, keepsBusyNodes: false };
  pool.autoScale?.stop();
  const nodes = [...pool.nodes.values()].map((node) => removeNode(account, pool, node));
  void Promise.all(nodes).then(() => account.pools.delete(pool.id));
}
