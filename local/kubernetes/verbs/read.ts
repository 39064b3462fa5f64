import { jsonResponse, type WebResponse } from "../../web-server.ts";
import { now } from "../cluster.ts";
import { toTable, wantsTable } from "../discovery/table.ts";
import type { KubeObject, Pod } from "../objects.ts";
import { readLog } from "../pods/read-log.ts";
import { apiVersionOf } from "../resources.ts";
import { type Matches, parseFieldSelector, parseLabelSelector } from "../selectors.ts";
import { type Call, findObject, toAnswer } from "./call.ts";

export const getObject = (call: Call): WebResponse => toAnswer(call, 200, findObject(call));

export function listObjects(call: Call): WebResponse {
  const { cluster, request, route } = call;
  const { resource } = route;
  const items = findObjects(call);
  const metadata = { resourceVersion: cluster.store.version() };
  if (wantsTable(request.headers["accept"] ?? "")) {
    return jsonResponse(200, toTable(resource, items, now(cluster), metadata));
  }
  return jsonResponse(200, {
    kind: `${resource.kind}List`,
    apiVersion: apiVersionOf(resource),
    metadata,
    items,
  });
}

/** All that a collection's path and its selectors name. */
export function findObjects(call: Call): readonly KubeObject[] {
  const { resource, namespace } = call.route;
  return call.cluster.store.list(resource, namespace).filter(toSelection(call));
}

export function toSelection({ query, route }: Call): Matches {
  const matches = [
    parseLabelSelector(query.get("labelSelector") ?? ""),
    parseFieldSelector(query.get("fieldSelector") ?? ""),
    // A watch of one object may name it in its path.
    ({ metadata }: KubeObject) => route.name === undefined || metadata.name === route.name,
  ];
  return (object) => matches.every((match) => match(object));
}

export async function getLog(call: Call): Promise<WebResponse> {
  const body = await readLog(call.cluster, findObject(call) as Pod, call.query);
  return { status: 200, headers: { "content-type": "text/plain" }, body };
}
