import { isRecord } from "../../web-server.ts";
import type { Caller } from "../authentication.ts";
import type { Json } from "../objects.ts";
import { reviews } from "./reviews.ts";

/** What a caller may do, said as RBAC says it; `authorize` keeps to the same. */

/** @param spec of a SelfSubjectAccessReview. Names are compared as they are: `*` is all of them. */
export function isAllowed(caller: Caller, spec: Json): boolean {
  const { resourceAttributes: resource, nonResourceAttributes: path } = spec;
  if (caller.namespaces === "all") return true;
  if (!isRecord(resource)) return isRecord(path) && isOpenPath(path);
  const { group = "", resource: plural, verb, namespace } = resource;
  if (verb === "create" && reviews.some((each) => each.group === group && each.plural === plural))
    return true;
  return typeof namespace === "string" && caller.namespaces.includes(namespace);
}

/** What everybody who is known may read: what the server is and has. */
const openPaths = ["/healthz", "/livez", "/readyz", "/version", "/api", "/api/*", "/apis", "/apis/*"].concat([
  ...["/openapi", "/openapi/*"],
]);

function isOpenPath({ path, verb }: Json): boolean {
  if (verb !== "get" || typeof path !== "string") return false;
  return openPaths.some((open) => (open.endsWith("*") ? path.startsWith(open.slice(0, -1)) : path === open));
}

/** The status of a SelfSubjectRulesReview. */
export function rulesOf({ namespaces }: Caller, namespace: string): Json {
  const hasNamespace = namespaces === "all" || namespaces.includes(namespace);
  const everything = { verbs: ["*"], apiGroups: ["*"], resources: ["*"] };
  const groups = [...new Set(reviews.map(({ group }) => group))];
  return {
    resourceRules: [
      ...groups.map((group) => ({
        ...{ verbs: ["create"], apiGroups: [group] },
        resources: reviews.filter((each) => each.group === group).map(({ plural }) => plural),
      })),
      ...(hasNamespace ? [everything] : []),
    ],
    nonResourceRules: [
      { verbs: ["get"], nonResourceURLs: openPaths },
      ...(namespaces === "all" ? [{ verbs: ["*"], nonResourceURLs: ["*"] }] : []),
    ],
    incomplete: false,
  };
}
