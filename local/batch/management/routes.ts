import { randomUUID } from "node:crypto";
import type { WebRequest, WebResponse } from "../../web-server.ts";
import type { Account } from "../account.ts";
import { BatchError } from "../errors.ts";
import { deletePool, getPool, listPools, patchPool, putPool } from "./pool-calls.ts";

const accountPath =
  /^\/subscriptions\/[^/]+\/resourceGroups\/[^/]+\/providers\/Microsoft\.Batch\/batchAccounts\/([^/]+)\/pools(?:\/([^/]+))?$/i;
const operationPath = /\/providers\/Microsoft\.Batch\/locations\/local\/poolOperationResults\/([^/]+)$/i;

export const isManagementPath = (path: string): boolean => path.toLowerCase().startsWith("/subscriptions/");

/** @throws BatchError when the call is refused or not imitated. */
export function answerManagement(account: Account, request: WebRequest): WebResponse {
  const { pathname } = request.url;
  const [, deletedPool] = operationPath.exec(pathname) ?? [];
  if (deletedPool !== undefined) return answerOperation(account, request, deletedPool);
  const [, name, pool] = accountPath.exec(pathname) ?? [];
  if (name?.toLowerCase() !== account.settings.accountName.toLowerCase()) {
    throw new BatchError(404, "ResourceNotFound", `The Resource '${pathname}' was not found.`);
  }
  return pool === undefined ? answerList(account, request) : answerPool(account, request, pool);
}

function answerList(account: Account, { method }: WebRequest): WebResponse {
  if (method !== "GET") throw new BatchError(405, "MethodNotAllowed", `${method} is not imitated.`);
  return listPools(account);
}

function answerPool(account: Account, request: WebRequest, pool: string): WebResponse {
  switch (request.method) {
    case "PUT":
      return putPool(account, request, pool);
    case "PATCH":
      return patchPool(account, request, pool);
    case "GET":
      return getPool(account, pool);
    case "DELETE":
      return deletePool(account, pool, toOperationUrl(request, pool));
    default:
      throw new BatchError(405, "MethodNotAllowed", `${request.method} is not imitated.`);
  }
}

/** The long-running operation of a delete: 202 while the pool is there. */
function answerOperation(account: Account, request: WebRequest, pool: string): WebResponse {
  if (!account.pools.has(pool)) return { status: 204 };
  return { status: 202, headers: { location: request.url.href, "retry-after": "0" } };
}

function toOperationUrl({ url }: WebRequest, pool: string): string {
  const subscription = /^\/subscriptions\/[^/]+/i.exec(url.pathname)?.[0] ?? "";
  const path = `${subscription}/providers/Microsoft.Batch/locations/local/poolOperationResults/${pool}`;
  return `${url.origin}${path}?api-version=${url.searchParams.get("api-version") ?? ""}&operation=${randomUUID()}`;
}
