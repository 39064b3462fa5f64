import { randomUUID } from "node:crypto";
import type { WebRequest, WebResponse } from "../../web-server.ts";
import type { Account } from "../account.ts";
import { BatchError } from "../errors.ts";
import { getAccount, listAccounts, listKeys } from "./account-calls.ts";
import { getPool, listPools, patchPool, putPool, removePool } from "./pool-calls.ts";

const accountPath =
  /^(\/subscriptions\/[^/]+\/resourceGroups\/[^/]+\/providers\/Microsoft\.Batch\/batchAccounts\/([^/]+))(?:\/(.+))?$/i;
const accountsPath =
  /^(\/subscriptions\/[^/]+(?:\/resourceGroups\/[^/]+)?)\/providers\/Microsoft\.Batch\/batchAccounts$/i;
const operationPath = /\/providers\/Microsoft\.Batch\/locations\/local\/poolOperationResults\/([^/]+)$/i;

export interface AccountKeys {
  readonly primary: string;
  readonly secondary: string;
}

export const isManagementPath = (path: string): boolean => path.toLowerCase().startsWith("/subscriptions/");

/** @throws BatchError when the call is refused or not imitated. */
export function answerManagement(account: Account, keys: AccountKeys, request: WebRequest): WebResponse {
  const { pathname } = request.url;
  const [, deletedPool] = operationPath.exec(pathname) ?? [];
  if (deletedPool !== undefined) return answerOperation(account, request, deletedPool);
  const scope = accountsPath.exec(pathname)?.[1];
  if (scope !== undefined && request.method === "GET") return listAccounts(account, scope);
  return answerAccount(account, keys, request);
}

function answerAccount(account: Account, keys: AccountKeys, request: WebRequest): WebResponse {
  const { pathname } = request.url;
  const [, id = "", name = "", rest = ""] = accountPath.exec(pathname) ?? [];
  if (name.toLowerCase() !== account.settings.accountName.toLowerCase()) {
    throw new BatchError(404, "ResourceNotFound", `The Resource '${pathname}' was not found.`);
  }
  switch (`${request.method} ${rest.toLowerCase()}`) {
    case "GET ":
      return getAccount(account, id);
    case "POST listkeys":
      return listKeys(account, keys);
    case "GET pools":
      return listPools(account);
    default:
      return answerPool(account, request, rest);
  }
}

/** @param rest of the path, after the account: `pools/{pool}` */
function answerPool(account: Account, request: WebRequest, rest: string): WebResponse {
  const { method, url } = request;
  const [, pool] = /^pools\/([^/]+)$/i.exec(rest) ?? [];
  const refusal = new BatchError(405, "MethodNotAllowed", `${method} ${url.pathname} is not imitated.`);
  if (pool === undefined) throw refusal;
  switch (method) {
    case "PUT":
      return putPool(account, request, pool);
    case "PATCH":
      return patchPool(account, request, pool);
    case "GET":
      return getPool(account, pool);
    case "DELETE":
      return removePool(account, pool, toOperationUrl(request, pool));
    default:
      throw refusal;
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
