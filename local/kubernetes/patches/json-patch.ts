import { isDeepStrictEqual } from "node:util";
import { badRequest, KubernetesError } from "../errors.ts";
import type { Json } from "../objects.ts";
import { isRecord } from "../../web-server.ts";

interface Operation {
  readonly op: string;
  readonly path: string;
  readonly from?: string;
  readonly value?: unknown;
}

/** RFC 6902. */
export function applyJsonPatch(target: Json, patch: unknown): Json {
  if (!Array.isArray(patch)) throw badRequest("a JSON patch is a list of operations");
  const root = { "": structuredClone(target) as unknown };
  for (const operation of patch as readonly Operation[]) applyOperation(root, operation);
  return root[""] as Json;
}

function applyOperation(root: object, { op, path, from, value }: Operation): void {
  switch (op) {
    case "add":
      put(root, path, value, true);
      break;
    case "replace":
      read(root, path);
      put(root, path, value, false);
      break;
    case "remove":
      take(root, path);
      break;
    case "move":
      put(root, path, take(root, from ?? ""), true);
      break;
    case "copy":
      put(root, path, structuredClone(read(root, from ?? "")), true);
      break;
    case "test":
      if (!isDeepStrictEqual(read(root, path), value)) throw failed(`testing path ${path} failed`);
      break;
    default:
      throw badRequest(`unexpected operation kind: ${op}`);
  }
}

const failed = (message: string): KubernetesError =>
  new KubernetesError(
    "Invalid",
    `the server rejected our request due to an error in our request: ${message}`,
  );

type Parent = Record<string, unknown> | unknown[];

/** The container of a path and the last key in it. The document itself sits under "" of `root`. */
function locate(root: object, path: string): { readonly parent: Parent; readonly key: string } {
  const keys = path.split("/").map((key) => key.replaceAll("~1", "/").replaceAll("~0", "~"));
  const key = keys.pop() ?? "";
  let parent: unknown = root;
  for (const each of keys) parent = (parent as Record<string, unknown> | undefined)?.[each];
  if (!isRecord(parent) && !Array.isArray(parent)) throw failed(`the path ${path} does not exist`);
  return { parent, key };
}

function read(root: object, path: string): unknown {
  const { parent, key } = locate(root, path);
  if (!(key in parent)) throw failed(`the path ${path} does not exist`);
  return (parent as Record<string, unknown>)[key];
}

function put(root: object, path: string, value: unknown, insert: boolean): void {
  const { parent, key } = locate(root, path);
  if (!Array.isArray(parent)) parent[key] = value;
  else if (key === "-") parent.push(value);
  else parent.splice(Number(key), insert ? 0 : 1, value);
}

function take(root: object, path: string): unknown {
  const value = read(root, path);
  const { parent, key } = locate(root, path);
  if (Array.isArray(parent)) parent.splice(Number(key), 1);
  else Reflect.deleteProperty(parent, key);
  return value;
}
