import { jsonBody, jsonResponse } from "../../web-server.ts";
import type { BatchNode, Pool } from "../account.ts";
import { BatchError } from "../errors.ts";
import { removeNode } from "../nodes.ts";
import { findPool } from "../pools.ts";
import type { Call } from "./call.ts";
import { toPage } from "./odata.ts";
import { toNodeView, toPoolView } from "./views.ts";

export const listPools: Call = ({ account, request }) => {
  const pools = [...account.pools.values()].map((pool) => toPoolView(account, pool));
  return jsonResponse(200, toPage(request.url, pools));
};

export const getPool: Call = ({ account, ids }) =>
  jsonResponse(200, toPoolView(account, findPool(account, ids.pool)));

export const listNodes: Call = ({ account, request, ids }) => {
  const pool = findPool(account, ids.pool);
  const nodes = [...pool.nodes.values()].map((node) => toNodeView(account, pool, node));
  return jsonResponse(200, toPage(request.url, nodes));
};

export const getNode: Call = ({ account, ids }) => {
  const pool = findPool(account, ids.pool);
  return jsonResponse(200, toNodeView(account, pool, findNode(pool, ids.node)));
};

export const removeNodes: Call = ({ account, request, ids }) => {
  const pool = findPool(account, ids.pool);
  const list = jsonBody(request)?.["nodeList"];
  const nodes = (Array.isArray(list) ? list : []).map((id) => findNode(pool, String(id)));
  const gone = (kind: BatchNode["kind"]): number => nodes.filter((node) => node.kind === kind).length;
  pool.target = {
    dedicated: pool.target.dedicated - gone("dedicated"),
    spot: pool.target.spot - gone("spot"),
    keepsBusyNodes: false,
  };
  for (const node of nodes) void removeNode(account, pool, node);
  return { status: 202 };
};

export function findNode(pool: Pool, id: string): BatchNode {
  const node = pool.nodes.get(id);
  if (!node) throw new BatchError(404, "NodeNotFound", "The specified node does not exist.");
  return node;
}
