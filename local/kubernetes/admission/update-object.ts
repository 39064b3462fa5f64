import { isDeepStrictEqual } from "node:util";
import { isRecord } from "../../web-server.ts";
import type { Cluster } from "../cluster.ts";
import { type Cause, invalid, KubernetesError } from "../errors.ts";
import type { Json, KubeObject } from "../objects.ts";
import { jobs, pods, qualifiedName, type Resource } from "../resources.ts";
import { admit } from "./admit.ts";

/**
 * The present object with what a request wants of it. `part` is the sub-resource the request went to: a status is
 * changed only there, and nothing else is.
 * @throws KubernetesError Invalid (a field that may not change), Conflict (an older version was sent)
 */
export function updateObject(
  cluster: Cluster,
  resource: Resource,
  present: KubeObject,
  { wanted, part }: { readonly wanted: Json; readonly part: "status" | undefined },
): KubeObject {
  checkVersion(resource, present, wanted);
  if (part === "status") return { ...present, status: wanted["status"] };
  const sent = isRecord(wanted["metadata"]) ? wanted["metadata"] : {};
  const { name, namespace, uid, resourceVersion, creationTimestamp, deletionTimestamp, generation } =
    present.metadata;
  const specChanged = !isDeepStrictEqual(wanted["spec"], present["spec"]);
  const object: KubeObject = {
    ...wanted,
    ...(resource.hasStatus && { status: present["status"] }),
    apiVersion: present.apiVersion,
    kind: present.kind,
    metadata: {
      ...sent,
      ...{ name, uid, resourceVersion, creationTimestamp },
      ...(namespace !== undefined && { namespace }),
      ...(deletionTimestamp !== undefined && { deletionTimestamp }),
      ...(generation !== undefined && { generation: generation + (specChanged ? 1 : 0) }),
    },
  };
  const admitted = admit(cluster, resource, object);
  checkImmutable(resource, present, admitted);
  const same = isDeepStrictEqual(admitted["spec"], present["spec"]) && generation !== undefined;
  return same ? { ...admitted, metadata: { ...admitted.metadata, generation } } : admitted;
}

function checkVersion(resource: Resource, present: KubeObject, wanted: Json): void {
  const sent = isRecord(wanted["metadata"]) ? wanted["metadata"]["resourceVersion"] : undefined;
  if (sent === undefined || sent === "" || sent === present.metadata.resourceVersion) return;
  const { name } = present.metadata;
  throw new KubernetesError(
    "Conflict",
    `Operation cannot be fulfilled on ${qualifiedName(resource)} "${name}": the object has been modified; please apply your changes to the latest version and try again`,
    { name, group: resource.group, kind: resource.plural },
  );
}

/** What may never change once it is there, by kind. A pod's spec may not, but for a few fields nobody here needs. */
const immutable: ReadonlyMap<Resource, readonly string[]> = new Map([
  [jobs, ["template", "selector", "completions", "completionMode"]],
  [pods, ["containers", "volumes", "restartPolicy", "serviceAccountName"]],
]);

function checkImmutable(resource: Resource, before: KubeObject, after: KubeObject): void {
  const [old, wanted] = [before["spec"], after["spec"]];
  if (!isRecord(old) || !isRecord(wanted)) return;
  const changed = (immutable.get(resource) ?? []).filter(
    (name) => !isDeepStrictEqual(old[name], wanted[name]),
  );
  if (changed.length === 0) return;
  const causes = changed.map((name): Cause => ({
    reason: "FieldValueInvalid",
    message: "Invalid value: field is immutable",
    field: `spec.${name}`,
  }));
  throw invalid(resource, before.metadata.name, causes);
}
