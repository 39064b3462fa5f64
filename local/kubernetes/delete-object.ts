import { type Cluster, change, hasEnded, now } from "./cluster.ts";
import { type KubeObject, type Pod, toTime } from "./objects.ts";
import { jobs, namespaces, pods, type Resource, resources } from "./resources.ts";

export interface Deletion {
  /** Default: pods of a job are orphaned, as batch/v1 does for old clients' sake; of anything else, deleted. */
  readonly propagation?: "Background" | "Foreground" | "Orphan" | undefined;
  /** Of a pod; default its own. 0 = at once. */
  readonly gracePeriodSeconds?: number | undefined;
}

const foreground = "foregroundDeletion";

/** Deletes an object, or marks it to be deleted when what it waits for (finalizers, a process) is over. */
export function deleteObject(
  cluster: Cluster,
  resource: Resource,
  object: KubeObject,
  { propagation = resource === jobs ? "Orphan" : "Background", gracePeriodSeconds }: Deletion = {},
): void {
  if (propagation === "Orphan") orphanDependents(cluster, object);
  const finalizers = toFinalizers(resource, object, propagation);
  const grace = resource === pods ? graceOf(object as Pod, gracePeriodSeconds) : 0;
  if (finalizers.length === 0 && grace === 0 && resource !== namespaces) {
    cluster.store.remove(resource, object);
    return;
  }
  change(cluster, resource, object, (present) => ({
    ...present,
    metadata: {
      ...present.metadata,
      ...(finalizers.length > 0 && { finalizers }),
      deletionTimestamp: present.metadata.deletionTimestamp ?? toTime(now(cluster) + grace * 1_000),
      ...(resource === pods && { deletionGracePeriodSeconds: grace }),
    },
  }));
}

function toFinalizers(
  resource: Resource,
  { metadata }: KubeObject,
  propagation: Deletion["propagation"],
): readonly string[] {
  // Nothing depends on a pod.
  const waits = propagation === "Foreground" && resource !== pods;
  return [...new Set([...(metadata.finalizers ?? []), ...(waits ? [foreground] : [])])];
}

/** A pod that runs nothing needs no grace. */
function graceOf(pod: Pod, wanted: number | undefined): number {
  if (pod.spec.nodeName === undefined || hasEnded(pod)) return 0;
  return wanted ?? pod.spec.terminationGracePeriodSeconds;
}

function orphanDependents(cluster: Cluster, owner: KubeObject): void {
  for (const { resource, object } of dependentsOf(cluster, owner)) {
    const left = object.metadata.ownerReferences?.filter(({ uid }) => uid !== owner.metadata.uid) ?? [];
    change(cluster, resource, object, (present) => {
      const { ownerReferences: _gone, ...metadata } = present.metadata;
      return { ...present, metadata: left.length === 0 ? metadata : { ...metadata, ownerReferences: left } };
    });
  }
}

interface Found {
  readonly resource: Resource;
  readonly object: KubeObject;
}

const dependentsOf = (cluster: Cluster, owner: KubeObject): readonly Found[] =>
  everything(cluster).filter(({ object }) =>
    object.metadata.ownerReferences?.some(({ uid }) => uid === owner.metadata.uid),
  );

const everything = ({ store }: Cluster): readonly Found[] =>
  resources.flatMap((resource) => store.list(resource).map((object) => ({ resource, object })));

/** Deletes what has lost all its owners, and what only waited for its dependents or its contents to be gone. */
export function collectGarbage(cluster: Cluster): void {
  const all = everything(cluster);
  const living = new Map(all.map(({ object }) => [object.metadata.uid, object]));
  for (const { resource, object } of all) {
    const owners = object.metadata.ownerReferences ?? [];
    if (owners.length > 0 && owners.every(({ uid }) => isLeaving(living.get(uid)))) {
      if (object.metadata.deletionTimestamp === undefined) {
        deleteObject(cluster, resource, object, { propagation: "Background" });
      }
    }
    if (object.metadata.deletionTimestamp !== undefined) finish(cluster, all, resource, object);
  }
}

const isLeaving = (owner: KubeObject | undefined): boolean =>
  owner === undefined || (owner.metadata.finalizers?.includes(foreground) ?? false);

function finish(cluster: Cluster, all: readonly Found[], resource: Resource, object: KubeObject): void {
  const { name, uid, finalizers = [] } = object.metadata;
  const waitsFor = (each: KubeObject): boolean =>
    resource === namespaces
      ? each.metadata.namespace === name
      : (each.metadata.ownerReferences?.some((owner) => owner.uid === uid) ?? false);
  const waiting = all.filter((each) => waitsFor(each.object));
  if (resource === namespaces) for (const each of waiting) deleteContent(cluster, each);
  const others = finalizers.filter((each) => each !== foreground);
  if (waiting.length > 0 || others.length > 0 || resource === pods) return;
  cluster.store.remove(resource, object);
}

function deleteContent(cluster: Cluster, { resource, object }: Found): void {
  if (object.metadata.deletionTimestamp !== undefined) return;
  deleteObject(cluster, resource, object, { propagation: "Background" });
}
