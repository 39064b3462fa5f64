import { jsonBody, jsonResponse, type WebRequest, type WebResponse } from "../../web-server.ts";
import { type Account, recordAt } from "../account.ts";
import { BatchError } from "../errors.ts";
import { createPool, deletePool, findPool, updatePool } from "../pools.ts";
import { toManagementView } from "./views.ts";

/** Pools, through Azure Resource Manager. https://learn.microsoft.com/rest/api/batchmanagement/pool */

export function putPool(account: Account, request: WebRequest, id: string): WebResponse {
  const body = jsonBody(request) ?? {};
  const given = recordAt(body, "properties");
  const existing = account.pools.get(id);
  if (existing && request.headers["if-none-match"] === "*") {
    throw new BatchError(412, "PoolExists", "The specified pool already exists.");
  }
  if (existing) return jsonResponse(200, toManagementView(updatePool(account, existing, given)));
  const identities = Object.keys(recordAt(recordAt(body, "identity"), "userAssignedIdentities"));
  const facts = { id, resourceId: request.url.pathname, given, identities };
  return jsonResponse(200, toManagementView(createPool(account, facts)));
}

export function patchPool(account: Account, request: WebRequest, id: string): WebResponse {
  const pool = findPool(account, id);
  const given = { ...pool.given, ...recordAt(jsonBody(request) ?? {}, "properties") };
  return jsonResponse(200, toManagementView(updatePool(account, pool, given)));
}

export const getPool = (account: Account, id: string): WebResponse =>
  jsonResponse(200, toManagementView(findPool(account, id)));

export const listPools = (account: Account): WebResponse =>
  jsonResponse(200, { value: [...account.pools.values()].map(toManagementView) });

/** Answers at once; the pool is gone when `operationUrl` says so. */
export function removePool(account: Account, id: string, operationUrl: string): WebResponse {
  const pool = account.pools.get(id);
  if (!pool) return { status: 204 };
  deletePool(account, pool);
  return { status: 202, headers: { location: operationUrl, "retry-after": "0" } };
}
