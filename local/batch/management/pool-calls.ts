import { jsonBody, jsonResponse, type WebRequest, type WebResponse } from "../../web-server.ts";
import { type Account, type Json, now, numberAt, type Pool, recordAt, textAt } from "../account.ts";
import { BatchError, invalid, notImitated } from "../errors.ts";
import { removeNode } from "../nodes.ts";
import { toManagementView } from "./views.ts";

/** Pools, through Azure Resource Manager. https://learn.microsoft.com/rest/api/batchmanagement/pool */

const unsupported = ["applicationPackages", "mountConfiguration", "certificates"];
/** What cannot change once the pool is there. */
const fixed = ["vmSize", "deploymentConfiguration"];

export function putPool(account: Account, request: WebRequest, id: string): WebResponse {
  const body = jsonBody(request) ?? {};
  const given = recordAt(body, "properties");
  const existing = account.pools.get(id);
  if (existing && request.headers["if-none-match"] === "*") {
    throw new BatchError(412, "PoolExists", "The specified pool already exists.");
  }
  check(account, given);
  return existing
    ? updatePool(account, existing, given)
    : createPool(account, {
        id,
        resourceId: request.url.pathname,
        given,
        identity: recordAt(body, "identity"),
      });
}

export function patchPool(account: Account, request: WebRequest, id: string): WebResponse {
  const pool = findPool(account, id);
  const given = { ...pool.given, ...recordAt(jsonBody(request) ?? {}, "properties") };
  check(account, given);
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
  pool.target = { dedicated: 0, spot: 0 };
  const nodes = [...pool.nodes.values()].map((node) => removeNode(account, pool, node));
  void Promise.all(nodes).then(() => account.pools.delete(id));
  return { status: 202, headers: { location: operationUrl, "retry-after": "0" } };
}

function createPool(
  account: Account,
  facts: { readonly id: string; readonly resourceId: string; readonly given: Json; readonly identity: Json },
): WebResponse {
  const { id, resourceId, given, identity } = facts;
  const at = now(account);
  const pool: Pool = {
    ...{ id, resourceId, given, createdAt: at, modifiedAt: at, state: "active" },
    identities: Object.keys(recordAt(identity, "userAssignedIdentities")),
    target: toTarget(given),
    resizeErrors: [],
    nodes: new Map(),
  };
  account.pools.set(id, pool);
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
  pool.resizeErrors = [];
  pool.modifiedAt = now(account);
  account.wake();
  return jsonResponse(200, toManagementView(pool));
}

function check(account: Account, given: Json): void {
  for (const name of fixed) if (given[name] === undefined) throw invalid(name, "is required");
  for (const name of unsupported) if (given[name] !== undefined) throw notImitated(`pool.${name}`);
  if (textAt(recordAt(recordAt(given, "scaleSettings"), "autoScale"), "formula") !== undefined) {
    throw notImitated("an autoscale formula");
  }
  if (given["targetNodeCommunicationMode"] === "Classic") {
    throw invalid("targetNodeCommunicationMode", "Classic is retired");
  }
  const { dedicated, spot } = toTarget(given);
  if (dedicated + spot > account.settings.maximumNodes) {
    throw invalid(
      "targetDedicatedNodes",
      `is over the ${account.settings.maximumNodes} nodes of this machine`,
    );
  }
}

function toTarget(given: Json): Pool["target"] {
  const scale = recordAt(recordAt(given, "scaleSettings"), "fixedScale");
  return {
    dedicated: numberAt(scale, "targetDedicatedNodes") ?? 0,
    spot: numberAt(scale, "targetLowPriorityNodes") ?? 0,
  };
}

function findPool(account: Account, id: string): Pool {
  const pool = account.pools.get(id);
  if (!pool) throw new BatchError(404, "PoolNotFound", "The specified pool does not exist.");
  return pool;
}
