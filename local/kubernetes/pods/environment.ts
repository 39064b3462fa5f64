import { isRecord } from "../../web-server.ts";
import type { Cluster } from "../cluster.ts";
import type { Container, EnvironmentVariable, Pod, VolumeSource } from "../objects.ts";
import { configMaps, secrets } from "../resources.ts";

/** What a container's process finds in its environment because the manifest says so. */
export function toEnvironment(cluster: Cluster, pod: Pod, container: Container): Record<string, string> {
  const { port } = new URL(cluster.url);
  const environment: Record<string, string> = {
    HOSTNAME: pod.metadata.name,
    KUBERNETES_SERVICE_HOST: "localhost",
    KUBERNETES_SERVICE_PORT: port,
  };
  for (const { prefix = "", configMapRef, secretRef } of container.envFrom ?? []) {
    const data = {
      ...(configMapRef && readConfigMap(cluster, pod, configMapRef.name)),
      ...(secretRef && readSecret(cluster, pod, secretRef.name)),
    };
    for (const [name, value] of Object.entries(data)) environment[prefix + name] = value;
  }
  for (const variable of container.env ?? []) {
    environment[variable.name] = expand(valueOf(cluster, pod, variable), environment);
  }
  return environment;
}

/** `$(NAME)` stands for a variable defined before, `$$` for a dollar sign. */
const expand = (text: string, environment: Readonly<Record<string, string>>): string =>
  text.replaceAll(/\$\$|\$\(([\w.-]+)\)/g, (all, name: string | undefined) =>
    name === undefined ? "$" : (environment[name] ?? all),
  );

function valueOf(cluster: Cluster, pod: Pod, { value = "", valueFrom }: EnvironmentVariable): string {
  if (!valueFrom) return value;
  const { fieldRef, configMapKeyRef, secretKeyRef } = valueFrom;
  if (fieldRef) return fieldAt(pod, fieldRef.fieldPath);
  if (configMapKeyRef) return readConfigMap(cluster, pod, configMapKeyRef.name)?.[configMapKeyRef.key] ?? "";
  return secretKeyRef ? (readSecret(cluster, pod, secretKeyRef.name)?.[secretKeyRef.key] ?? "") : "";
}

/** `metadata.name`, `metadata.labels['key']`, `spec.nodeName`: what the downward API offers. */
function fieldAt(pod: Pod, path: string): string {
  const [, base = path, key] = /^(.*)\['(.*)'\]$/.exec(path) ?? [];
  let value: unknown = pod;
  for (const name of key === undefined ? base.split(".") : [...base.split("."), key]) {
    value = isRecord(value) ? value[name] : undefined;
  }
  return typeof value === "string" ? value : "";
}

type Texts = Readonly<Record<string, string>>;

export function readConfigMap(cluster: Cluster, pod: Pod, name: string): Texts | undefined {
  const found = cluster.store.get(configMaps, pod.metadata.namespace, name);
  return found && ((found["data"] as Texts | undefined) ?? {});
}

/** Decoded. */
export function readSecret(cluster: Cluster, pod: Pod, name: string): Texts | undefined {
  const found = cluster.store.get(secrets, pod.metadata.namespace, name);
  if (!found) return undefined;
  const data = Object.entries((found["data"] as Texts | undefined) ?? {});
  return Object.fromEntries(data.map(([key, value]) => [key, Buffer.from(value, "base64").toString()]));
}

/** What the container refers to and is not there, as the kubelet names it. */
export function findMissing(cluster: Cluster, pod: Pod, container: Container): string | undefined {
  const references = [
    ...(container.envFrom ?? []).map(({ configMapRef, secretRef }) => ({ configMapRef, secretRef })),
    ...(container.env ?? []).map(({ valueFrom }) => ({
      configMapRef: valueFrom?.configMapKeyRef,
      secretRef: valueFrom?.secretKeyRef,
    })),
    ...(pod.spec.volumes ?? [])
      .flatMap((each) => [each, ...(each.projected?.sources ?? [])])
      .map(toReferences),
  ];
  const isWanted = (reference: Reference | undefined): reference is Reference =>
    reference !== undefined && reference.optional !== true;
  const maps = references.map(({ configMapRef }) => configMapRef).filter(isWanted);
  const missingMap = maps.find(({ name }) => !readConfigMap(cluster, pod, name));
  if (missingMap) return `configmap "${missingMap.name}" not found`;
  const wanted = references.map(({ secretRef }) => secretRef).filter(isWanted);
  const missingSecret = wanted.find(({ name }) => !readSecret(cluster, pod, name));
  return missingSecret && `secret "${missingSecret.name}" not found`;
}

interface Reference {
  readonly name: string;
  readonly optional?: boolean;
}

interface References {
  readonly configMapRef: Reference | undefined;
  readonly secretRef: Reference | undefined;
}

const toReferences = ({ configMap, secret }: VolumeSource): References => ({
  configMapRef: configMap,
  secretRef: secret && { ...secret, name: secret.secretName ?? secret.name ?? "" },
});
