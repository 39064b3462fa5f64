import { PassThrough } from "node:stream";
import type { WebResponse } from "../../web-server.ts";
import { wantsTable } from "../discovery/table.ts";
import { KubernetesError, toStatus } from "../errors.ts";
import { apiVersionOf } from "../resources.ts";
import type { Change } from "../change-journal.ts";
import { type Call, toRow } from "./call.ts";
import { findObjects, toSelection } from "./read.ts";

/** Changes as they happen, one JSON object a line, until the client goes away or its time is over. */
export function watchObjects(call: Call): WebResponse {
  const { cluster, query, request, route } = call;
  const { resource, namespace } = route;
  const body = new PassThrough();
  const matches = toSelection(call);
  const isTable = wantsTable(request.headers["accept"] ?? "");
  const write = (type: string, object: object): void => {
    body.write(`${JSON.stringify({ type, object })}\n`);
  };
  const tell = (type: string, object: Change["object"]): void => {
    write(type, isTable ? toRow(cluster, resource, object) : object);
  };
  const listener = (change: Change): void => {
    const { object } = change;
    if (change.resource !== resource) return;
    if (namespace !== undefined && object.metadata.namespace !== namespace) return;
    const type = toSeenType(change, matches);
    if (type) tell(type, object);
  };
  const since = query.get("resourceVersion");
  const isFromNow = since === null || since === "" || since === "0";
  if (isFromNow) for (const object of findObjects(call)) tell("ADDED", object);
  try {
    body.once("close", cluster.store.watch(isFromNow ? undefined : since, listener));
  } catch (error) {
    if (!(error instanceof KubernetesError)) throw error;
    write("ERROR", toStatus(error));
    body.end();
  }
  endInTime(call, body, () => {
    const metadata = { resourceVersion: cluster.store.version() };
    const bookmark = { kind: resource.kind, apiVersion: apiVersionOf(resource), metadata };
    if (query.get("allowWatchBookmarks") === "true") write("BOOKMARK", bookmark);
  });
  return { status: 200, headers: { "content-type": "application/json" }, body };
}

/** An object that comes to match or ceases to is one that comes or goes, for this watch. */
function toSeenType(
  { type, object, before }: Change,
  matches: (object: Change["object"]) => boolean,
): string | undefined {
  if (type !== "MODIFIED") return matches(object) ? type : undefined;
  const [was, is] = [before !== undefined && matches(before), matches(object)];
  if (was && is) return "MODIFIED";
  if (is) return "ADDED";
  return was ? "DELETED" : undefined;
}

function endInTime({ cluster, query }: Call, body: PassThrough, beforeEnd: () => void): void {
  const seconds = Number(query.get("timeoutSeconds") ?? 0);
  if (seconds <= 0) return;
  const { clock } = cluster.settings;
  const cancel = clock.after(seconds * 1_000, () => {
    beforeEnd();
    body.end();
  });
  body.once("close", cancel);
}
