import type { VerifyToken } from "../identity/verify.ts";
import { bearerToken, type WebRequest } from "../web-server.ts";
import type { Cluster } from "./cluster.ts";
import { KubernetesError } from "./errors.ts";
import { namespaces as namespaceResource, qualifiedName } from "./resources.ts";
import type { Route } from "./route.ts";

/** The application every AKS cluster with Entra ID is: tokens for it are asked with `{this}/.default`. */
export const aksApplication = "6dae42f8-4368-4678-94ff-3960e28e3630";

/** Everything in these namespaces, as the role Azure Kubernetes Service RBAC Writer gives it, or in the cluster. */
export type KubernetesAccess = Subject & { readonly namespaces: readonly string[] | "all" };

type Subject =
  /** An identity of the directory. */
  | { readonly clientId: string }
  /** `system:serviceaccount:{namespace}:{name}` */
  | { readonly serviceAccount: string };

export interface Guard {
  readonly verifyToken: VerifyToken;
  readonly access: readonly KubernetesAccess[];
  readonly adminToken: string;
  readonly serviceAccountTokens: Cluster["serviceAccountTokens"];
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** What to call the caller in messages, and where it may do what it likes. */
export interface Caller {
  readonly name: string;
  readonly namespaces: readonly string[] | "all";
}

/** @throws Unauthorized */
export function authenticate(guard: Guard, request: WebRequest): Caller {
  const token = bearerToken(request);
  if (token === undefined) throw new KubernetesError("Unauthorized", "Unauthorized");
  if (token === guard.adminToken) return { name: "admin", namespaces: "all" };
  const given = guard.serviceAccountTokens.get(token);
  if (given && given.expiresAt > guard.now()) {
    const account = given.subject;
    const grant = guard.access.find((each) => "serviceAccount" in each && each.serviceAccount === account);
    return { name: account, namespaces: grant?.namespaces ?? [] };
  }
  const claims = guard.verifyToken(token, { audience: aksApplication });
  if (!claims) throw new KubernetesError("Unauthorized", "Unauthorized");
  const grant = guard.access.find((each) => "clientId" in each && each.clientId === claims.appid);
  return { name: claims.oid, namespaces: grant?.namespaces ?? [] };
}

/** The groups a caller is in, as Kubernetes names them. */
export function toGroups({ name, namespaces }: Caller): readonly string[] {
  const [, account] = /^system:serviceaccount:([^:]+):/.exec(name) ?? [];
  const own = account === undefined ? [] : ["system:serviceaccounts", `system:serviceaccounts:${account}`];
  return [...(name === "admin" && namespaces === "all" ? ["system:masters"] : own), "system:authenticated"];
}

/** @param verb as RBAC has it: `create` for an eviction. @throws Forbidden */
export function authorize({ name: caller, namespaces }: Caller, route: Route, verb: string): void {
  const namespace = toNamespace(route, verb);
  if (namespaces === "all" || (namespace !== undefined && namespaces.includes(namespace))) return;
  const { resource, name, part } = route;
  const { group, plural } = resource;
  const where = namespace === undefined ? "at the cluster scope" : `in the namespace "${namespace}"`;
  const what = `${qualifiedName(resource)}${name === undefined ? "" : ` "${name}"`}`;
  const whole = part === undefined ? plural : `${plural}/${part}`;
  throw new KubernetesError(
    "Forbidden",
    `${what} is forbidden: User "${caller}" cannot ${verb} resource "${whole}" in API group "${group}" ${where}`,
    { ...(name !== undefined && { name }), group, kind: plural },
  );
}

/** Whoever may do something in a namespace may look at it. */
function toNamespace({ resource, namespace, name }: Route, verb: string): string | undefined {
  return resource === namespaceResource && verb === "get" ? name : namespace;
}
