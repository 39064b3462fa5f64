import { apiVersionOf, jobs, pods, type Resource, resources, serviceAccounts } from "../resources.ts";
import { type Review, reviews } from "../reviews/reviews.ts";

export const serverVersion = "v1.32.0+local";

/** What a client asks before it knows what there is. undefined: the path is none of these. */
export function readDiscovery(path: string): object | undefined {
  switch (path) {
    case "/version":
      return { major: "1", minor: "32", gitVersion: serverVersion, platform: "local" };
    case "/api":
      return { kind: "APIVersions", versions: ["v1"], serverAddressByClientCIDRs: [] };
    case "/apis":
      return { kind: "APIGroupList", apiVersion: "v1", groups: groups.map(toGroup) };
    default:
      return readList(path);
  }
}

const groups = [...new Set([...resources, ...reviews].map(({ group }) => group))].filter(
  (group) => group !== "",
);

function toGroup(name: string): object {
  const version = { groupVersion: `${name}/v1`, version: "v1" };
  return { name, versions: [version], preferredVersion: version };
}

function readList(path: string): object | undefined {
  const [, group = "", version] = /^\/(?:api|apis\/([^/]+))(?:\/([^/]+))?$/.exec(path) ?? [];
  if (version === undefined) {
    return groups.includes(group) ? { kind: "APIGroup", apiVersion: "v1", ...toGroup(group) } : undefined;
  }
  const listed = [
    ...resources.filter((each) => each.group === group && each.version === version).flatMap(toEntries),
    ...reviews.filter((each) => each.group === group && version === "v1").map(toReviewEntry),
  ];
  if (listed.length === 0) return undefined;
  return {
    kind: "APIResourceList",
    apiVersion: "v1",
    groupVersion: group === "" ? version : `${group}/${version}`,
    resources: listed,
  };
}

const eviction = {
  ...{ name: "pods/eviction", singularName: "", namespaced: true, verbs: ["create"] },
  ...{ group: "policy", version: "v1", kind: "Eviction" },
};

const token = {
  ...{ name: "serviceaccounts/token", singularName: "", namespaced: true, verbs: ["create"] },
  ...{ group: "authentication.k8s.io", version: "v1", kind: "TokenRequest" },
};

const toReviewEntry = ({ plural, kind }: Review): object => ({
  ...{ name: plural, singularName: kind.toLowerCase(), namespaced: false, kind, verbs: ["create"] },
});

function toEntries(resource: Resource): object[] {
  const { plural, singular, namespaced, kind, shortNames, hasStatus } = resource;
  const verbs = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];
  const entry = {
    name: plural,
    singularName: singular,
    namespaced,
    kind,
    verbs,
    shortNames,
    categories: categoriesOf(resource),
  };
  const part = { singularName: "", namespaced, kind };
  return [
    entry,
    ...(hasStatus ? [{ ...part, name: `${plural}/status`, verbs: ["get", "patch", "update"] }] : []),
    ...(resource === serviceAccounts ? [token] : []),
    ...(resource === pods ? [{ ...part, name: "pods/log", verbs: ["get"] }, eviction] : []),
  ];
}

/** What `kubectl get all` gets. */
const categoriesOf = (resource: Resource): readonly string[] | undefined =>
  resource === pods || resource === jobs ? ["all"] : undefined;

/**
 * Just enough of the OpenAPI description for `kubectl apply`: that the server itself validates fields, which
 * kubectl looks for in the parameters of each kind's PATCH.
 */
export function readOpenApi(path: string): object | undefined {
  if (path === "/openapi/v3") {
    const versions = [...new Set(resources.map(toRoot))];
    return {
      paths: Object.fromEntries(
        versions.map((root) => [root, { serverRelativeURL: `/openapi/v3/${root}?hash=0` }]),
      ),
    };
  }
  const root = /^\/openapi\/v3\/(.+)$/.exec(path)?.[1];
  const described = resources.filter((each) => toRoot(each) === root);
  if (described.length === 0) return undefined;
  return {
    openapi: "3.0.0",
    info: { title: "Kubernetes", version: serverVersion },
    paths: Object.fromEntries(described.map((each) => [toPath(each), { patch: toPatch(each) }])),
    components: { schemas: {} },
  };
}

const toRoot = (resource: Resource): string =>
  resource.group === "" ? `api/${resource.version}` : `apis/${apiVersionOf(resource)}`;

const toPath = (resource: Resource): string =>
  `/${toRoot(resource)}${resource.namespaced ? "/namespaces/{namespace}" : ""}/${resource.plural}/{name}`;

const toPatch = ({ group, version, kind }: Resource): object => ({
  "x-kubernetes-group-version-kind": { group, version, kind },
  parameters: ["dryRun", "fieldManager", "fieldValidation", "force"].map((name) => ({
    ...{ name, in: "query" },
    schema: { type: "string" },
  })),
  responses: { "200": { description: "OK" } },
});
