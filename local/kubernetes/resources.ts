/** The kinds of objects this server knows. */
export interface Resource {
  readonly group: string;
  readonly version: string;
  /** In paths: `configmaps`. */
  readonly plural: string;
  readonly singular: string;
  readonly kind: string;
  readonly namespaced: boolean;
  readonly shortNames: readonly string[];
  readonly hasStatus: boolean;
}

const define = (
  group: string,
  kind: string,
  shortNames: readonly string[],
  other: Partial<Resource> = {},
): Resource => ({
  ...{ group, version: "v1", kind, shortNames },
  ...{ plural: `${kind.toLowerCase()}s`, singular: kind.toLowerCase(), namespaced: true, hasStatus: false },
  ...other,
});

export const namespaces = define("", "Namespace", ["ns"], { namespaced: false, hasStatus: true });
export const nodes = define("", "Node", ["no"], { namespaced: false, hasStatus: true });
export const configMaps = define("", "ConfigMap", ["cm"]);
export const secrets = define("", "Secret", []);
export const serviceAccounts = define("", "ServiceAccount", ["sa"]);
export const events = define("", "Event", ["ev"]);
export const pods = define("", "Pod", ["po"], { hasStatus: true });
export const jobs = define("batch", "Job", [], { hasStatus: true });
/** Installed by the Secrets Store CSI driver, which mounts what they name. */
export const secretProviderClasses = define("secrets-store.csi.x-k8s.io", "SecretProviderClass", [], {
  plural: "secretproviderclasses",
});

export const resources: readonly Resource[] = [
  ...[namespaces, nodes, configMaps, secrets, serviceAccounts, events, pods, jobs, secretProviderClasses],
];

export const apiVersionOf = ({ group, version }: Resource): string =>
  group === "" ? version : `${group}/${version}`;

/** `jobs.batch`, as error messages name it. */
export const qualifiedName = ({ group, plural }: Resource): string =>
  group === "" ? plural : `${plural}.${group}`;

export const findResource = (group: string, version: string, plural: string): Resource | undefined =>
  resources.find((each) => each.group === group && each.version === version && each.plural === plural);
