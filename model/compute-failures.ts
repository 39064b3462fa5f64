import { again, type FailureKind, kind } from "./failure-kind.ts";

/** Part of the catalogue: why the machines a run's workers need do not come, or do not hold. */
export const computeFailures = {
  WorkersCouldNotStart: kind(
    503,
    "operator",
    "Mend what the message says and post the run again; the workers' own words are among the run's logs, under logs/workers/.",
  ),
  NeverBegun: kind(
    500,
    "operator",
    "Nothing was done there: no worker ever began the target. Mend what kept the workers away, then start a run of failure.cfg.",
  ),
  // Azure Batch
  BatchQuotaExceeded: kind(
    503,
    "operator",
    "Ask for fewer nodes or a smaller BATCH_VM_SIZE, delete pools and jobs that are not needed, or have the named quota raised: Batch account, Quotas.",
  ),
  AllocationTimeout: kind(
    503,
    "operator",
    "Azure did not get the nodes together in time (15 minutes): start the run again, or choose another BATCH_VM_SIZE, fewer spot nodes, another region.",
    again,
  ),
  AllocationFailed: kind(
    503,
    "operator",
    "Azure makes no such nodes, for the reason in the message: capacity of the region, the subnet (BATCH_SUBNET_ID), or an image that does not fit BATCH_VM_SIZE.",
    again,
  ),
  PoolRefused: kind(
    503,
    "operator",
    "Mend the BATCH_* setting the message names; of a pool that is there, delete it (POST /api/compute/batch/cleanup) and let the next run make it.",
  ),
  ImageUnavailable: kind(
    503,
    "operator",
    "Check WORKER_IMAGE, that the image is in the registry, and that the workers' identity may pull it (AcrPull); then have the pool deleted: its nodes do not try again.",
  ),
  NodesUnusable: kind(
    503,
    "operator",
    "See the nodes' errors in the Batch account; delete the pool and start the run again. In a subnet, check that nodes reach BatchNodeManagement.{region}.",
    again,
  ),
  StartTaskFailed: kind(
    503,
    "operator",
    "See startup/stderr.txt of a node in the Batch account, mend BATCH_START_TASK and delete the pool: it keeps the start task it was made with.",
  ),
  // Kubernetes
  ManifestRefused: kind(
    503,
    "operator",
    "Mend the setting the message names; GET /api/compute/kubernetes/manifests?run={id} | kubectl apply --dry-run=server -f - says the same.",
  ),
  KubernetesQuotaExceeded: kind(
    503,
    "operator",
    "Ask for fewer pods, or raise the namespace's quota: kubectl describe resourcequota.",
    again,
  ),
  PodRefused: kind(
    503,
    "operator",
    "The cluster makes no pods for the job: see kubectl describe job; a service account, a policy or an admission webhook is named there.",
  ),
  PodImageUnavailable: kind(
    503,
    "operator",
    "Check WORKER_IMAGE, that the image is in the registry, and that the nodes may pull it (AcrPull for the kubelet's identity).",
  ),
  PodNotStartable: kind(
    503,
    "operator",
    "See kubectl describe pod: the container's command and settings, or a volume that cannot be mounted (with CSI: the secrets and the identity's role).",
  ),
  PodUnschedulable: kind(
    503,
    "operator",
    "Let the node pool grow, or ask for less: KUBERNETES_CPU_REQUEST, KUBERNETES_MEMORY; a longer wait is KUBERNETES_PENDING_SECONDS.",
    again,
  ),
  PodOutOfMemory: kind(
    503,
    "operator",
    "Raise KUBERNETES_MEMORY, or lower the run's concurrency, then start a run of failure.cfg.",
  ),
  PodEvicted: kind(
    503,
    "operator",
    "The nodes took every worker away: see kubectl describe node for the pressure, or use nodes that are not spot; then run failure.cfg again.",
    again,
  ),
} as const satisfies Readonly<Record<string, FailureKind>>;
