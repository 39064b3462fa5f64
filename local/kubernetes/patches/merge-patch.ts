import { isRecord } from "../../web-server.ts";
import type { Json } from "../objects.ts";

/** RFC 7396: objects are merged, null removes, everything else replaces. */
export function applyMergePatch(target: Json, patch: Json): Json {
  return mergeObjects(target, patch, (_before, value) => value);
}

/**
 * A strategic merge patch, nearly: lists whose items all have a `name` are merged by it, other lists replaced.
 * A real server knows each list's own key. Directives other than `$patch: delete` are left out; those `kubectl
 * apply` sends (`$setElementOrder/…`, `$retainKeys`) only order and tidy.
 */
export function applyStrategicPatch(target: Json, patch: Json): Json {
  return mergeObjects(target, patch, mergeLists);
}

type Lists = (before: unknown, value: unknown) => unknown;

function mergeObjects(target: Json, patch: Json, lists: Lists): Json {
  const merged: Record<string, unknown> = { ...target };
  for (const [name, value] of Object.entries(patch)) {
    if (name.startsWith("$")) continue;
    const before = merged[name];
    if (value === null) Reflect.deleteProperty(merged, name);
    else if (isRecord(value)) merged[name] = mergeObjects(isRecord(before) ? before : {}, value, lists);
    else merged[name] = lists(before, value);
  }
  return merged;
}

const mergeLists: Lists = (before, value) => {
  if (!isNamedList(before) || !isNamedList(value)) return value;
  const items = new Map(before.map((item) => [item["name"], item]));
  for (const item of value) {
    const name = item["name"];
    if (item["$patch"] === "delete") items.delete(name);
    else items.set(name, mergeObjects(items.get(name) ?? {}, item, mergeLists));
  }
  return [...items.values()];
};

const isNamedList = (value: unknown): value is readonly Json[] =>
  Array.isArray(value) && value.every((item) => isRecord(item) && typeof item["name"] === "string");
