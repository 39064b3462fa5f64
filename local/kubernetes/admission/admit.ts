import type { Cluster } from "../cluster.ts";
import { KubernetesError } from "../errors.ts";
import type { Job, Json, KubeObject, Pod, Volume } from "../objects.ts";
import { isRecord } from "../../web-server.ts";
import { jobs, namespaces, pods, type Resource, secrets, serviceAccounts } from "../resources.ts";
import { checkJob, checkPod } from "./check.ts";
import { toQualityOfService, withRequests } from "./quality-of-service.ts";
import { injectIdentity } from "./workload-identity.ts";

/**
 * Defaults and rules of each kind, for new objects and for changed ones.
 * @throws KubernetesError Invalid, Forbidden
 */
export function admit(cluster: Cluster, resource: Resource, object: KubeObject): KubeObject {
  switch (resource) {
    case namespaces:
      return {
        spec: { finalizers: ["kubernetes"] },
        ...object,
        status: { phase: "Active", ...statusOf(object) },
      };
    case secrets:
      return toSecret(object);
    case jobs:
      return toJob(object);
    case pods:
      return toPod(cluster, object);
    default:
      return object;
  }
}

const statusOf = (object: KubeObject): Json => (isRecord(object["status"]) ? object["status"] : {});

/** `stringData` is written only. */
function toSecret({ stringData, ...object }: KubeObject): KubeObject {
  const encoded = Object.entries(isRecord(stringData) ? stringData : {}).map(([name, value]) => [
    name,
    Buffer.from(String(value)).toString("base64"),
  ]);
  const data = isRecord(object["data"]) ? object["data"] : {};
  return { type: "Opaque", ...object, data: { ...data, ...Object.fromEntries(encoded) } };
}

/** Defaults as pkg/apis/batch/v1/defaults.go sets them; selector and labels as the registry generates them. */
function toJob(object: KubeObject): KubeObject {
  checkJob(object);
  const { spec, metadata } = object as Job;
  const labels = {
    "batch.kubernetes.io/controller-uid": metadata.uid,
    "batch.kubernetes.io/job-name": metadata.name,
    "controller-uid": metadata.uid,
    "job-name": metadata.name,
  };
  const parallelism = (spec as Partial<Job["spec"]>).parallelism;
  const { template } = spec;
  return {
    ...object,
    spec: {
      ...(parallelism === undefined && { completions: 1 }),
      ...{
        backoffLimit: 6,
        completionMode: "NonIndexed",
        suspend: false,
        // A policy for failures judges pods that have failed: one that is being ended has not yet.
        podReplacementPolicy: spec.podFailurePolicy ? "Failed" : "TerminatingOrFailed",
      },
      selector: { matchLabels: { "batch.kubernetes.io/controller-uid": metadata.uid } },
      ...spec,
      parallelism: parallelism ?? 1,
      template: {
        ...template,
        metadata: { ...template.metadata, labels: { ...template.metadata?.labels, ...labels } },
      },
    },
    status: statusOf(object),
  };
}

function toPod(cluster: Cluster, object: KubeObject): KubeObject {
  checkPod(object);
  const pod = object as Pod;
  const { serviceAccountName = "default" } = pod.spec;
  const isNew = !("status" in object);
  const account = cluster.store.get(serviceAccounts, pod.metadata.namespace, serviceAccountName);
  if (isNew) checkCreation(cluster, pod, account ? undefined : serviceAccountName);
  const spec = {
    ...{ restartPolicy: "Always" as const, terminationGracePeriodSeconds: 30, dnsPolicy: "ClusterFirst" },
    schedulerName: "default-scheduler",
    ...pod.spec,
    containers: pod.spec.containers.map(withRequests),
    ...(pod.spec.volumes && { volumes: pod.spec.volumes.map(toVolume) }),
    serviceAccountName,
  };
  const status = isNew ? { phase: "Pending", qosClass: toQualityOfService(spec.containers) } : pod.status;
  return injectIdentity(cluster.settings.workloadIdentity, { ...pod, spec, status } as Pod, account);
}

/** @throws Forbidden */
function checkCreation({ refusal }: Cluster, { metadata }: Pod, missing: string | undefined): void {
  const { namespace = "", name } = metadata;
  const account = `error looking up service account ${namespace}/${missing ?? ""}: serviceaccount "${missing ?? ""}" not found`;
  const reason = missing === undefined ? refusal : account;
  if (reason === undefined) return;
  throw new KubernetesError("Forbidden", `pods "${name}" is forbidden: ${reason}`, { name, kind: "pods" });
}

/** kubectl relies on a projected token's life being there. */
function toVolume(volume: Volume): Volume {
  const sources = volume.projected?.sources.map((source) => {
    const { serviceAccountToken: token } = source;
    return token ? { ...source, serviceAccountToken: { expirationSeconds: 3_600, ...token } } : source;
  });
  return sources ? { ...volume, projected: { ...volume.projected, sources } } : volume;
}
