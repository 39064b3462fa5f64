import { jsonResponse, type WebRequest, type WebResponse } from "../web-server.ts";
import { authenticate, authorize, type Guard } from "./authentication.ts";
import type { Cluster } from "./cluster.ts";
import { readDiscovery, readOpenApi } from "./discovery/discovery.ts";
import { KubernetesError, toErrorResponse } from "./errors.ts";
import { pods, type Resource, serviceAccounts } from "./resources.ts";
import { answerReview } from "./reviews/answer-review.ts";
import { findReview } from "./reviews/reviews.ts";
import { parseRoute, type Route } from "./route.ts";
import type { Call } from "./verbs/call.ts";
import { removeObject, removeObjects } from "./verbs/delete.ts";
import { evictPod } from "./verbs/evict.ts";
import { postToken } from "./verbs/issue-token.ts";
import { getLog, getObject, listObjects } from "./verbs/read.ts";
import { watchObjects } from "./verbs/watch.ts";
import { patchObject, postObject, putObject } from "./verbs/write.ts";

/** Every request: who asks, for what, may they, and the verb. */
export async function answer(cluster: Cluster, guard: Guard, request: WebRequest): Promise<WebResponse> {
  try {
    return await answerOrThrow(cluster, guard, request);
  } catch (error) {
    if (error instanceof KubernetesError) return toErrorResponse(error);
    const message = error instanceof Error ? error.message : String(error);
    return toErrorResponse(new KubernetesError("InternalError", `Internal error occurred: ${message}`));
  }
}

async function answerOrThrow(cluster: Cluster, guard: Guard, request: WebRequest): Promise<WebResponse> {
  const { pathname, searchParams: query } = request.url;
  if (["/healthz", "/livez", "/readyz"].includes(pathname)) return { status: 200, body: "ok" };
  const caller = authenticate(guard, request);
  if (pathname === "/openapi/v2") return emptyOpenApi;
  const description = readDiscovery(pathname) ?? readOpenApi(pathname);
  if (description) return jsonResponse(200, description);
  const review = findReview(pathname);
  if (review) return answerReview(caller, review, request);
  const route = parseRoute(pathname);
  if (!route) throw new KubernetesError("NotFound", "the server could not find the requested resource");
  const verb = toVerb(request.method, route, query);
  authorize(caller, route, rightsOf[verb] ?? verb);
  return verbs[verb]({ cluster, route, request, query });
}

/**
 * What clients before 1.27 read: a description (Protobuf) that says its version, "2.0", and nothing else. kubectl
 * takes it that there is nothing to validate by.
 */
const emptyOpenApi: WebResponse = {
  status: 200,
  headers: { "content-type": "application/com.github.proto-openapi.spec.v2.v1.0+protobuf" },
  body: Uint8Array.from([0x0a, 3, 0x32, 0x2e, 0x30]),
};

const verbs = {
  get: getObject,
  list: listObjects,
  watch: watchObjects,
  log: getLog,
  create: postObject,
  evict: evictPod,
  token: postToken,
  update: putObject,
  patch: patchObject,
  delete: removeObject,
  deletecollection: removeObjects,
} satisfies Record<string, (call: Call) => WebResponse | Promise<WebResponse>>;

function toVerb(method: string, { name, part, resource }: Route, query: URLSearchParams): Verb {
  const isOne = name !== undefined;
  if (method === "GET" && ["true", "1"].includes(query.get("watch") ?? "")) return "watch";
  const ofPart = verbsOfParts.get(resource)?.[`${method} ${part ?? ""}`];
  const verb = ofPart ?? (isOne ? verbsOfObjects : verbsOfCollections)[method];
  if (verb) return verb;
  throw new KubernetesError(
    "MethodNotAllowed",
    "the server does not allow this method on the requested resource",
  );
}

type Verb = keyof typeof verbs;

/** What RBAC calls them. */
const rightsOf: Readonly<Partial<Record<Verb, string>>> = { log: "get", evict: "create", token: "create" };

const verbsOfParts: ReadonlyMap<Resource, Readonly<Record<string, Verb>>> = new Map([
  [pods, { "GET log": "log", "POST eviction": "evict" }],
  [serviceAccounts, { "POST token": "token" }],
]);

const verbsOfObjects: Readonly<Record<string, Verb>> = {
  GET: "get",
  PUT: "update",
  PATCH: "patch",
  DELETE: "delete",
};

const verbsOfCollections: Readonly<Record<string, Verb>> = {
  GET: "list",
  POST: "create",
  DELETE: "deletecollection",
};
