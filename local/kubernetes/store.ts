import { isDeepStrictEqual } from "node:util";
import { type Change, createJournal } from "./change-journal.ts";
import { KubernetesError } from "./errors.ts";
import type { KubeObject } from "./objects.ts";
import { apiVersionOf, qualifiedName, type Resource } from "./resources.ts";

/** All objects, and what happened to them lately; stands for etcd. */
export interface Store {
  get(resource: Resource, namespace: string | undefined, name: string): KubeObject | undefined;
  /** Without a namespace: of all of them. In the order of namespace and name. */
  list(resource: Resource, namespace?: string): readonly KubeObject[];
  /** @throws AlreadyExists */
  insert(resource: Resource, object: KubeObject): KubeObject;
  /** The same content again is no change. @throws NotFound, Conflict when another write came in between. */
  replace(resource: Resource, object: KubeObject): KubeObject;
  remove(resource: Resource, object: KubeObject): void;
  /** The newest resource version. */
  version(): string;
  /** Calls `listener` with everything after `version`, then with what happens. @throws Expired */
  watch(version: string | undefined, listener: (change: Change) => void): () => void;
}

export function createStore(): Store {
  const objects = new Map<string, KubeObject>();
  const journal = createJournal();
  const find = (resource: Resource, { metadata }: KubeObject): KubeObject | undefined =>
    objects.get(toKey(resource, metadata.namespace, metadata.name));
  const put = (change: Omit<Change, "version">): KubeObject => {
    const { resource, object } = change;
    const version = journal.next();
    const metadata = { ...object.metadata, resourceVersion: String(version) };
    const stored = { ...object, apiVersion: apiVersionOf(resource), kind: resource.kind, metadata };
    const key = toKey(resource, metadata.namespace, metadata.name);
    if (change.type === "DELETED") objects.delete(key);
    else objects.set(key, stored);
    journal.publish({ ...change, object: stored, version });
    return stored;
  };

  return {
    get: (resource, namespace, name) => objects.get(toKey(resource, namespace, name)),
    list: (resource, namespace) => {
      const prefix = toKey(resource, namespace, "").slice(0, namespace === undefined ? -1 : undefined);
      const keys = [...objects.keys()].filter((key) => key.startsWith(prefix));
      return keys.sort().flatMap((key) => objects.get(key) ?? []);
    },
    insert: (resource, object) => {
      if (find(resource, object)) throw alreadyExists(resource, object.metadata.name);
      return put({ type: "ADDED", resource, object });
    },
    replace: (resource, object) => {
      const before = find(resource, object);
      const { name, resourceVersion } = object.metadata;
      if (!before) throw notFound(resource, name);
      if (before.metadata.resourceVersion !== resourceVersion) throw modified(resource, object);
      return isDeepStrictEqual(before, object) ? before : put({ type: "MODIFIED", resource, object, before });
    },
    remove: (resource, object) => {
      const before = find(resource, object);
      if (before?.metadata.uid === object.metadata.uid) put({ type: "DELETED", resource, object: before });
    },
    version: journal.version,
    watch: journal.watch,
  };
}

// A space sorts before every character of a name, and is in none.
const toKey = ({ group, plural }: Resource, namespace: string | undefined, name: string): string =>
  `${group}/${plural} ${namespace ?? ""} ${name}`;

export const notFound = (resource: Resource, name: string): KubernetesError =>
  new KubernetesError("NotFound", `${qualifiedName(resource)} "${name}" not found`, {
    name,
    group: resource.group,
    kind: resource.plural,
  });

function alreadyExists(resource: Resource, name: string): KubernetesError {
  return new KubernetesError("AlreadyExists", `${qualifiedName(resource)} "${name}" already exists`, {
    name,
    group: resource.group,
    kind: resource.plural,
  });
}

function modified(resource: Resource, { metadata: { name } }: KubeObject): KubernetesError {
  return new KubernetesError(
    "Conflict",
    `Operation cannot be fulfilled on ${qualifiedName(resource)} "${name}": the object has been modified; please apply your changes to the latest version and try again`,
    { name, group: resource.group, kind: resource.plural },
  );
}
