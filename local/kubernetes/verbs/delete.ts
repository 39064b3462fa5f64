import { isRecord, jsonResponse, type WebResponse } from "../../web-server.ts";
import { type Deletion, deleteObject } from "../delete-object.ts";
import { KubernetesError } from "../errors.ts";
import { apiVersionOf } from "../resources.ts";
import { type Call, findObject, isDryRun, readObject } from "./call.ts";
import { findObjects } from "./read.ts";

/** DELETE of an object: the object while it is still being deleted, else that it succeeded. */
export function removeObject(call: Call): WebResponse {
  const { cluster, route } = call;
  const { resource, namespace } = route;
  const object = findObject(call);
  const options = readObject(call);
  checkPreconditions(options, object.metadata.uid);
  if (!isDryRun(call)) deleteObject(cluster, resource, object, toDeletion(call, options));
  const { name, uid } = object.metadata;
  const left = cluster.store.get(resource, namespace, name);
  if (left) return jsonResponse(200, left);
  return jsonResponse(200, {
    ...{ kind: "Status", apiVersion: "v1", metadata: {}, status: "Success" },
    details: { name, group: resource.group, kind: resource.plural, uid },
  });
}

/** DELETE of a collection: of all its selectors name. */
export function removeObjects(call: Call): WebResponse {
  const { cluster, route } = call;
  const items = findObjects(call);
  const deletion = toDeletion(call, readObject(call));
  for (const object of items) deleteObject(cluster, route.resource, object, deletion);
  const { resource } = route;
  const metadata = { resourceVersion: cluster.store.version() };
  return jsonResponse(200, {
    kind: `${resource.kind}List`,
    apiVersion: apiVersionOf(resource),
    metadata,
    items,
  });
}

function checkPreconditions({ preconditions }: Readonly<Record<string, unknown>>, uid: string): void {
  const wanted = isRecord(preconditions) ? preconditions["uid"] : undefined;
  if (typeof wanted !== "string" || wanted === uid) return;
  throw new KubernetesError("Conflict", `Precondition failed: UID in precondition: ${wanted}`);
}

const policies = ["Background", "Foreground", "Orphan"] as const;

/** Both in the query and, by other clients, in the body. */
function toDeletion({ query }: Call, options: Readonly<Record<string, unknown>>): Deletion {
  const policy = query.get("propagationPolicy") ?? options["propagationPolicy"];
  const isOrphan = String(query.get("orphanDependents") ?? options["orphanDependents"]) === "true";
  const grace = query.get("gracePeriodSeconds") ?? options["gracePeriodSeconds"];
  return {
    propagation: policies.find((each) => each === policy) ?? (isOrphan ? "Orphan" : undefined),
    gracePeriodSeconds: grace === undefined || grace === null ? undefined : Number(grace),
  };
}
