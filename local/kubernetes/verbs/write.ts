import type { WebResponse } from "../../web-server.ts";
import { createObject } from "../admission/create-object.ts";
import { updateObject } from "../admission/update-object.ts";
import { now } from "../cluster.ts";
import { badRequest, KubernetesError } from "../errors.ts";
import { type Json, type KubeObject, toTime } from "../objects.ts";
import { applyJsonPatch } from "../patches/json-patch.ts";
import { applyMergePatch, applyStrategicPatch } from "../patches/merge-patch.ts";
import { applyConfiguration, recordUpdate } from "../patches/server-side-apply.ts";
import { namespaces, serviceAccounts } from "../resources.ts";
import { isRecord } from "../../web-server.ts";
import { type Call, findObject, isDryRun, readBody, readObject, toAnswer, toManager } from "./call.ts";

/** POST to a collection. */
export function postObject(call: Call): WebResponse {
  const given = readObject(call);
  const object = createObject(call.cluster, call.route.resource, given, call.route.namespace);
  const time = toTime(now(call.cluster));
  return toAnswer(call, 201, insert(call, recordUpdate(object, given, toManager(call), time)));
}

function insert(call: Call, object: KubeObject): KubeObject {
  const { cluster, route } = call;
  if (isDryRun(call)) return object;
  const stored = cluster.store.insert(route.resource, object);
  if (route.resource === namespaces) addDefaultAccount(call, stored.metadata.name);
  return stored;
}

/** Every namespace has an account for pods that name none. */
export function addDefaultAccount({ cluster }: Pick<Call, "cluster">, namespace: string): void {
  const given = { metadata: { name: "default" } };
  cluster.store.insert(serviceAccounts, createObject(cluster, serviceAccounts, given, namespace));
}

/** PUT of an object, or of its status. */
export function putObject(call: Call): WebResponse {
  return change(call, findObject(call), readObject(call));
}

/** PATCH in each of its forms; server-side apply also makes what is not there. */
export function patchObject(call: Call): WebResponse {
  const type = (call.request.headers["content-type"] ?? "").split(";")[0];
  if (type === "application/apply-patch+yaml") return applyObject(call);
  const present = findObject(call);
  return change(call, present, applyPatch(type, present, readBody(call)));
}

function applyPatch(type: string | undefined, present: KubeObject, patch: unknown): Json {
  if (type === "application/json-patch+json") return applyJsonPatch(present, patch);
  if (!isRecord(patch)) throw badRequest("the patch is not an object");
  if (type === "application/merge-patch+json") return applyMergePatch(present, patch);
  if (type === "application/strategic-merge-patch+json") return applyStrategicPatch(present, patch);
  throw new KubernetesError("UnsupportedMediaType", `no such kind of patch: ${type ?? ""}`);
}

function change(call: Call, present: KubeObject, wanted: Json): WebResponse {
  const { cluster, route } = call;
  const changed = updateObject(cluster, route.resource, present, { wanted, part: toPart(call) });
  return toAnswer(call, 200, isDryRun(call) ? changed : cluster.store.replace(route.resource, changed));
}

function toPart({ route }: Call): "status" | undefined {
  if (route.part === undefined || route.part === "status") return route.part;
  throw badRequest(`${route.part} cannot be written`);
}

function applyObject(call: Call): WebResponse {
  const { cluster, query, route } = call;
  const { resource, namespace, name = "" } = route;
  const application = {
    ...{ manager: toManager(call), force: query.get("force") === "true" },
    ...{ wanted: readObject(call), time: toTime(now(cluster)) },
  };
  const present = cluster.store.get(resource, namespace, name);
  if (present) {
    return change(call, present, applyConfiguration(present, application));
  }
  const metadata = isRecord(application.wanted["metadata"]) ? application.wanted["metadata"] : {};
  const given = { ...application.wanted, metadata: { ...metadata, name } };
  const object = createObject(cluster, resource, given, namespace);
  return toAnswer(call, 201, insert(call, applyConfiguration(object, application)));
}
