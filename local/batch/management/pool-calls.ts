import { jsonBody, jsonResponse, type WebRequest, type WebResponse } from "../../web-server.ts";
import { type Account, type Json, now, type Pool, recordAt } from "../account.ts";
import { startAutoScale } from "../autoscale/scale-pool.ts";
import { BatchError } from "../errors.ts";
import { removeNode } from "../nodes.ts";
import { checkPool, toTarget } from "./check-pool.ts";
import { toManagementView } from "./views.ts";

/** Pools, through Azure Resource Manager. https://learn.microsoft.com/rest/api/batchmanagement/pool */

/** What cannot change once the pool is there. */
const fixed = ["vmSize", "deploymentConfiguration"];

export function putPool(account: Account, request: WebRequest, id: string): WebResponse {
  const body = jsonBody(request) ?? {};
  const given = recordAt(body, "properties");
  const existing = account.pools.get(id);
  if (existing && request.headers["if-none-match"] === "*") {
    throw new BatchError(412, "PoolExists", "The specified pool already exists.");
  }
  const identity = recordAt(body, "identity");
  const identities = existing?.identities ?? Object.keys(recordAt(identity, "userAssignedIdentities"));
  checkPool(account, given, identities);
  return existing
    ? updatePool(account, existing, given)
    : createPool(account, {
        id,
        resourceId: request.url.pathname,
        given,
        identities,
      });
}

export function patchPool(account: Account, request: WebRequest, id: string): WebResponse {
  const pool = findPool(account, id);
  const given = { ...pool.given, ...recordAt(jsonBody(request) ?? {}, "properties") };
  checkPool(account, given, pool.identities);
  return updatePool(account, pool, given);
}

export const getPool = (account: Account, id: string): WebResponse =>
  jsonResponse(200, toManagementView(findPool(account, id)));

export const listPools = (account: Account): WebResponse =>
  jsonResponse(200, { value: [...account.pools.values()].map(toManagementView) });

/** Answers at once; the pool is gone when `operationUrl` says so. */
export function deletePool(account: Account, id: string, operationUrl: string): WebResponse {
  const pool = account.pools.get(id);
  if (!pool) return { status: 204 };
  pool.state = "deleting";
  pool.target = { dedicated: 0, spot: 0, keepsBusyNodes: false };
  pool.autoScale?.stop();
  const nodes = [...pool.nodes.values()].map((node) => removeNode(account, pool, node));
  void Promise.all(nodes).then(() => account.pools.delete(id));
  return { status: 202, headers: { location: operationUrl, "retry-after": "0" } };
}

function createPool(
  account: Account,
  facts: Pick<Pool, "id" | "resourceId" | "given" | "identities">,
): WebResponse {
  const { given } = facts;
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
  return jsonResponse(200, toManagementView(pool));
}

function updatePool(account: Account, pool: Pool, given: Json): WebResponse {
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
  return jsonResponse(200, toManagementView(pool));
}

function findPool(account: Account, id: string): Pool {
  const pool = account.pools.get(id);
  if (!pool) throw new BatchError(404, "PoolNotFound", "The specified pool does not exist.");
  return pool;
}
