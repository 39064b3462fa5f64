import { findResource, type Resource } from "./resources.ts";

/** What a path names. */
export interface Route {
  readonly resource: Resource;
  /** Absent: all namespaces, or a resource that is in none. */
  readonly namespace: string | undefined;
  /** Absent: the collection. */
  readonly name: string | undefined;
  /** `status`, `log` */
  readonly part: string | undefined;
}

/** `/api/v1/…` and `/apis/{group}/{version}/…`; undefined when it names no resource of this server. */
export function parseRoute(path: string): Route | undefined {
  const found = /^\/(?:api|apis\/([^/]+))\/([^/]+)\/(.+?)\/?$/.exec(path);
  if (!found) return undefined;
  const [, group = "", version = "", rest = ""] = found;
  const { namespace, plural, name, part, more } = splitPath(rest.split("/").map(decodeURIComponent));
  const resource = findResource(group, version, plural);
  return resource && more.length === 0 ? { resource, namespace, name, part } : undefined;
}

interface Parts extends Omit<Route, "resource"> {
  readonly plural: string;
  readonly more: readonly string[];
}

/** `namespaces/{namespace}/…`, but `namespaces/{name}/status` is of the namespace itself. */
function splitPath(parts: readonly string[]): Parts {
  const isInNamespace = parts[0] === "namespaces" && parts.length > 2 && parts[2] !== "status";
  const [namespace, rest] = isInNamespace ? [parts[1], parts.slice(2)] : [undefined, parts];
  const [plural = "", name, part, ...more] = rest;
  return { namespace, plural, name, part, more };
}
