import { parse } from "yaml";
import { isRecord, jsonResponse, type WebRequest, type WebResponse } from "../../web-server.ts";
import { toTable, wantsTable } from "../discovery/table.ts";
import { type Cluster, now } from "../cluster.ts";
import { badRequest, KubernetesError } from "../errors.ts";
import type { Json, KubeObject } from "../objects.ts";
import type { Resource } from "../resources.ts";
import type { Route } from "../route.ts";
import { notFound } from "../store.ts";

/** One request, as the verbs see it. */
export interface Call {
  readonly cluster: Cluster;
  readonly route: Route;
  readonly request: WebRequest;
  readonly query: URLSearchParams;
}

/** The object a path names. @throws NotFound */
export function findObject({ cluster, route }: Call): KubeObject {
  const { resource, namespace, name = "" } = route;
  const object = cluster.store.get(resource, namespace, name);
  if (!object) throw notFound(resource, name);
  return object;
}

/** The body: JSON or YAML. @throws UnsupportedMediaType: Protobuf, which `kubectl create` sends, is not read. */
export function readBody({ request }: Pick<Call, "request">): unknown {
  if (request.body.length === 0) return {};
  const type = request.headers["content-type"] ?? "application/json";
  try {
    const text = request.body.toString();
    // All JSON is YAML too.
    return type.includes("yaml") ? (parse(text) as unknown) : (JSON.parse(text) as unknown);
  } catch {
    if (/json|yaml/.test(type))
      throw badRequest(`the body is not ${type.includes("json") ? "JSON" : "YAML"}`);
    throw new KubernetesError(
      "UnsupportedMediaType",
      `the body of the request was in an unknown format - accepted media types include: application/json, application/yaml (${type})`,
    );
  }
}

export function readObject(call: Pick<Call, "request">): Json {
  const body = readBody(call);
  if (!isRecord(body)) throw badRequest("the body is not an object");
  return body;
}

/** Who sets the fields: named by the request, else by the client's program. */
export const toManager = ({ query, request }: Call): string =>
  query.get("fieldManager") ?? request.headers["user-agent"]?.split("/")[0] ?? "unknown";

export const isDryRun = ({ query }: Call): boolean => query.get("dryRun") === "All";

/** As the client asked to have it: as it is, or as a row of a table. */
export function toAnswer(call: Call, status: number, object: KubeObject): WebResponse {
  const accept = call.request.headers["accept"] ?? "";
  return jsonResponse(status, wantsTable(accept) ? toRow(call.cluster, call.route.resource, object) : object);
}

export const toRow = (cluster: Cluster, resource: Resource, object: KubeObject): object =>
  toTable(resource, [object], now(cluster), { resourceVersion: object.metadata.resourceVersion });
