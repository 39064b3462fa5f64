import { isDeepStrictEqual } from "node:util";
import { isRecord } from "../../web-server.ts";
import { KubernetesError } from "../errors.ts";
import type { Json, KubeObject, ManagedFields } from "../objects.ts";

/**
 * Server-side apply: each manager owns the fields it sent. What another manager owns with another value is a
 * conflict unless forced; what a manager does not send any more is removed when nobody else owns it.
 * Lists count as one field, where a real server knows each list's keys.
 * https://kubernetes.io/docs/reference/using-api/server-side-apply/
 */
export interface Application {
  readonly manager: string;
  readonly force: boolean;
  /** What was sent. */
  readonly wanted: Json;
  readonly time: string;
}

/** @throws Conflict naming every field another manager owns. */
export function applyConfiguration(target: KubeObject, application: Application): KubeObject {
  const { manager, force, time } = application;
  const wanted = withoutIdentity(application.wanted);
  const paths = toPaths(wanted);
  const owners = target.metadata.managedFields ?? [];
  const others = owners.filter((each) => each.manager !== manager || each.operation !== "Apply");
  const conflicts = findConflicts(target, wanted, paths, others);
  if (conflicts.length > 0 && !force) throw conflict(conflicts);

  const mine = owners.find((each) => !others.includes(each));
  const kept = new Set([...paths, ...others.flatMap((each) => fromFields(each.fieldsV1))]);
  const dropped = fromFields(mine?.fieldsV1 ?? {}).filter((path) => !kept.has(path));
  const result = structuredClone(target) as unknown as Record<string, unknown>;
  for (const path of dropped) removeAt(result, path);
  for (const path of paths) setAt(result, path, valueAt(wanted, path));
  const taken = new Set(conflicts.map(({ path }) => path));
  const fresh = toEntry({ manager, operation: "Apply", apiVersion: target.apiVersion, time }, paths);
  // Its time moves only when it comes to own other fields, so that the same again changes nothing.
  const entry = mine && isDeepStrictEqual(mine.fieldsV1, fresh.fieldsV1) ? mine : fresh;
  const rest = others.map((each) => withoutPaths(each, taken));
  return withManagers(result as unknown as KubeObject, [entry, ...rest]);
}

/** Records who set the fields of an object made or changed by other means. */
export function recordUpdate(object: KubeObject, sent: Json, manager: string, time: string): KubeObject {
  const paths = toPaths(withoutIdentity(sent));
  const owners = object.metadata.managedFields ?? [];
  const others = owners.filter((each) => each.manager !== manager || each.operation !== "Update");
  const entry = toEntry({ manager, operation: "Update", apiVersion: object.apiVersion, time }, paths);
  return withManagers(object, [entry, ...others]);
}

const toEntry = (
  facts: Omit<ManagedFields, "fieldsType" | "fieldsV1">,
  paths: readonly string[],
): ManagedFields => ({ ...facts, fieldsType: "FieldsV1", fieldsV1: toFields(paths) });

const withManagers = (object: KubeObject, managedFields: readonly ManagedFields[]): KubeObject => ({
  ...object,
  metadata: { ...object.metadata, managedFields },
});

/** Nobody owns a name, nor what the server fills in. */
function withoutIdentity({ apiVersion: _a, kind: _k, status: _s, metadata, ...fields }: Json): Json {
  if (!isRecord(metadata)) return fields;
  const names = ["labels", "annotations", "finalizers", "ownerReferences"];
  const owned = Object.entries(metadata).filter(([name]) => names.includes(name));
  return owned.length === 0 ? fields : { ...fields, metadata: Object.fromEntries(owned) };
}

/** Paths of all leaves: field names joined by a character no name holds. */
function toPaths(value: Json, prefix = ""): string[] {
  return Object.entries(value).flatMap(([name, child]) => {
    const path = prefix === "" ? name : `${prefix}\0${name}`;
    return isRecord(child) && Object.keys(child).length > 0 ? toPaths(child, path) : [path];
  });
}

interface FieldConflict {
  readonly path: string;
  readonly manager: string;
}

function findConflicts(
  target: KubeObject,
  wanted: Json,
  paths: readonly string[],
  others: readonly ManagedFields[],
): FieldConflict[] {
  const differing = paths.filter((path) => {
    const present = valueAt(target, path);
    return present !== undefined && !isDeepStrictEqual(present, valueAt(wanted, path));
  });
  return others.flatMap(({ manager, fieldsV1 }) => {
    const owned = new Set(fromFields(fieldsV1));
    return differing.filter((path) => owned.has(path)).map((path) => ({ path, manager }));
  });
}

function conflict(conflicts: readonly FieldConflict[]): KubernetesError {
  const fields = conflicts.map(({ path }) => `.${path.replaceAll("\0", ".")}`);
  const count = conflicts.length === 1 ? "1 conflict" : `${conflicts.length} conflicts`;
  const managers = [...new Set(conflicts.map(({ manager }) => `"${manager}"`))].join(", ");
  return new KubernetesError(
    "Conflict",
    `Apply failed with ${count}: conflicts with ${managers}: ${fields.join(", ")}`,
    {
      causes: conflicts.map(({ manager }, index) => ({
        reason: "FieldManagerConflict",
        message: `conflict with "${manager}"`,
        field: fields[index] ?? "",
      })),
    },
  );
}

function withoutPaths(entry: ManagedFields, taken: ReadonlySet<string>): ManagedFields {
  const paths = fromFields(entry.fieldsV1);
  const left = paths.filter((path) => !taken.has(path));
  return left.length === paths.length ? entry : { ...entry, fieldsV1: toFields(left) };
}

/** `{"f:metadata":{"f:labels":{"f:a":{}}}}` */
function toFields(paths: readonly string[]): Json {
  const tree: Record<string, unknown> = {};
  for (const path of paths) setAt(tree, path.replaceAll("\0", "\0f:").replace(/^/, "f:"), {});
  return tree;
}

const fromFields = (fields: Json): string[] =>
  toPaths(fields).map((path) => path.replace(/^f:/, "").replaceAll("\0f:", "\0"));

function valueAt(root: Json, path: string): unknown {
  let value: unknown = root;
  for (const name of path.split("\0")) value = isRecord(value) ? value[name] : undefined;
  return value;
}

function setAt(root: Record<string, unknown>, path: string, value: unknown): void {
  const names = path.split("\0");
  const last = names.pop() ?? "";
  let parent = root;
  for (const name of names) {
    const child = parent[name];
    const next = isRecord(child) ? child : {};
    parent[name] = next;
    parent = next;
  }
  parent[last] = value;
}

function removeAt(root: Record<string, unknown>, path: string): void {
  const names = path.split("\0");
  const last = names.pop() ?? "";
  const parent = names.length === 0 ? root : valueAt(root, names.join("\0"));
  if (isRecord(parent)) Reflect.deleteProperty(parent, last);
}
