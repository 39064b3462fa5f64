import { z } from "zod";

const within = (least: number, most: number, standard: number): z.ZodType<number> =>
  z.coerce.number().int().min(least).max(most).default(standard);

/** What the Function App is told about the Batch account its workers run in. None of it is secret. */
export const batchSettings = {
  BATCH_ACCOUNT_NAME: z.string().default(""),
  /** `https://{account}.{region}.batch.azure.com` */
  BATCH_ACCOUNT_URL: z.string().default(""),
  /** How jobs and tasks are managed: with the secret BatchAccountKey, or by the process's identity. */
  BATCH_LOGIN: z.enum(["key", "identity"]).default("key"),
  /** What follows describes the pool when it is made; of one that is there, only the size is changed. */
  BATCH_POOL_ID: z.string().default("sqlfleet"),
  BATCH_VM_SIZE: z.string().default("Standard_D2s_v5"),
  /** `publisher:offer:sku:version`, or the resource id of an image of one's own. Absent: Ubuntu with containers. */
  BATCH_VM_IMAGE: z
    .string()
    .regex(/^([^:/]+:){3}[^:/]+$|^\/subscriptions\/.+/, "is publisher:offer:sku:version, or a resource id")
    .optional(),
  /** The node agent that fits BATCH_VM_IMAGE: `batch.node.ubuntu 22.04`. */
  BATCH_NODE_AGENT: z.string().optional(),
  /** fixed: as many nodes as the largest run asked for, until cleanup; autoscale: as many as there is work for. */
  BATCH_SCALE: z.enum(["fixed", "autoscale"]).default("fixed"),
  /** With autoscale: the most nodes; a run's further workers wait their turn. */
  BATCH_MAX_NODES: within(1, 10_000, 100),
  /** With autoscale: how often the service looks at the formula. It takes no less than 5 minutes, and a week at most. */
  BATCH_SCALE_MINUTES: within(5, 10_080, 5),
  /** How many of a hundred nodes are spot nodes: cheap, and taken away when Azure wants them back. */
  BATCH_SPOT_PERCENT: within(0, 100, 0),
  /** Resource id of the subnet the nodes are in. Absent: none of one's own. */
  BATCH_SUBNET_ID: z.string().optional(),
  /** none: nodes have no public address. Only in a subnet, from which they reach Batch and the services otherwise. */
  BATCH_PUBLIC_IP: z.enum(["batch", "none"]).default("batch"),
  /**
   * What brings the worker to a node. Absent: the image when WORKER_IMAGE is set, the start task when BATCH_START_TASK
   * is, and with neither BATCH_VM_IMAGE has it.
   */
  BATCH_WORKER: z.enum(["image", "start-task"]).optional(),
  /** Command line that installs the worker, run as administrator on each node before any worker. Holds no secret. */
  BATCH_START_TASK: z.string().optional(),
  /** Image of the worker, `registry/repository:tag`; pods have no other way, see BATCH_WORKER for nodes. */
  WORKER_IMAGE: z.string().optional(),
  /** Started on each node, split at spaces, without a shell. */
  WORKER_COMMAND: z.string().default("node /app/worker/main.js"),
};

const BatchSettings = z.object(batchSettings);
type BatchSettings = z.infer<typeof BatchSettings>;

/** [what is wrong, which setting to look at, the text] */
type Rule = readonly [(settings: BatchSettings) => boolean, keyof BatchSettings, string];

/** A SAS, a connection string's key, a password; what else may be one only a person can tell. */
const secret = /\bsig=|AccountKey=|SharedAccessKey=|\bpassword\s*=/i;

const rules: readonly Rule[] = [
  [
    (given) => Boolean(given.WORKER_IMAGE && given.BATCH_START_TASK && !given.BATCH_WORKER),
    "BATCH_WORKER",
    "WORKER_IMAGE and BATCH_START_TASK are both set: say image or start-task (the other is then for pods), or unset one",
  ],
  [
    (given) => given.BATCH_WORKER === "image" && !given.WORKER_IMAGE,
    "BATCH_WORKER",
    "is image, and WORKER_IMAGE is not set",
  ],
  [
    (given) => given.BATCH_WORKER === "image" && Boolean(given.BATCH_START_TASK),
    "BATCH_START_TASK",
    "is set, and BATCH_WORKER says that the image brings the worker: unset one",
  ],
  [
    (given) => given.BATCH_WORKER === "start-task" && !given.BATCH_START_TASK,
    "BATCH_WORKER",
    "is start-task, and BATCH_START_TASK is not set",
  ],
  [
    (given) => Boolean(given.BATCH_VM_IMAGE) !== Boolean(given.BATCH_NODE_AGENT),
    "BATCH_NODE_AGENT",
    "goes with BATCH_VM_IMAGE: set both or neither (az batch pool supported-images list)",
  ],
  [
    (given) => given.BATCH_PUBLIC_IP === "none" && !given.BATCH_SUBNET_ID,
    "BATCH_SUBNET_ID",
    "is missing: nodes without a public address (BATCH_PUBLIC_IP none) need a subnet",
  ],
  [
    (given) => secret.test(given.BATCH_START_TASK ?? ""),
    "BATCH_START_TASK",
    "holds what looks like a secret, and everybody who may read the pool could read it: let the node's identity fetch it",
  ],
  [
    (given) => secret.test(given.WORKER_COMMAND),
    "WORKER_COMMAND",
    "holds what looks like a secret, and everybody who may read the task could read it: workers read the Key Vault",
  ],
];

/** Refuses settings that contradict each other, when they are read: not when the first run finds no node. */
export function checkBatchSettings(settings: BatchSettings, context: z.RefinementCtx): void {
  for (const [isWrong, path, message] of rules) {
    if (isWrong(settings)) context.addIssue({ code: "custom", path: [path], message });
  }
}

/** What brings the worker to Batch nodes. */
export function toWorkerSource({
  BATCH_WORKER,
  WORKER_IMAGE,
  BATCH_START_TASK,
}: Pick<BatchSettings, "BATCH_WORKER" | "WORKER_IMAGE" | "BATCH_START_TASK">): "image" | "start-task" | "vm" {
  if (BATCH_WORKER) return BATCH_WORKER;
  if (WORKER_IMAGE) return "image";
  return BATCH_START_TASK ? "start-task" : "vm";
}
