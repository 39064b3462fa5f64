import type { VerifyToken } from "../identity/verify.ts";
import { bearerToken, type WebRequest } from "../web-server.ts";
import { KubernetesError } from "./errors.ts";
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
  /** Tokens this server gave to pods, and whose they are. */
  readonly serviceAccountTokens: ReadonlyMap<string, string>;
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
  const account = guard.serviceAccountTokens.get(token);
  if (account !== undefined) {
    const grant = guard.access.find((each) => "serviceAccount" in each && each.serviceAccount === account);
    return { name: account, namespaces: grant?.namespaces ?? [] };
  }
  const claims = guard.verifyToken(token, { audience: aksApplication });
  if (!claims) throw new KubernetesError("Unauthorized", "Unauthorized");
  const grant = guard.access.find((each) => "clientId" in each && each.clientId === claims.appid);
  return { name: claims.oid, namespaces: grant?.namespaces ?? [] };
}

/** @throws Forbidden */
export function authorize({ name, namespaces }: Caller, route: Route, verb: string): void {
  const { resource, namespace } = route;
  if (namespaces === "all" || (namespace !== undefined && namespaces.includes(namespace))) return;
  const where = namespace === undefined ? "at the cluster scope" : `in the namespace "${namespace}"`;
  const { group, plural } = resource;
  const what = group === "" ? plural : `${plural}.${group}`;
  throw new KubernetesError(
    "Forbidden",
    `${what} is forbidden: User "${name}" cannot ${verb} resource "${plural}" in API group "${group}" ${where}`,
    { group, kind: plural },
  );
}
