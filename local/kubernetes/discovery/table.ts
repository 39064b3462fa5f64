import { isRecord } from "../../web-server.ts";
import type { Job, KubeObject, Pod } from "../objects.ts";
import { events, jobs, namespaces, pods, type Resource } from "../resources.ts";
import { isFinished } from "../jobs/plan-job.ts";

/** Lists as `kubectl get` prints them: it asks for `application/json;as=Table`. */

interface Column {
  readonly name: string;
  readonly value: (object: KubeObject, now: number) => string | number;
  /** Only with `-o wide`. */
  readonly isWide?: boolean;
}

export const wantsTable = (accept: string): boolean => accept.split(",")[0]?.includes("as=Table") ?? false;

/** @param listMetadata of the list, absent for a single object. */
export function toTable(
  resource: Resource,
  objects: readonly KubeObject[],
  now: number,
  listMetadata: object = {},
): object {
  const columns = columnsOf(resource);
  return {
    kind: "Table",
    apiVersion: "meta.k8s.io/v1",
    metadata: listMetadata,
    columnDefinitions: columns.map(({ name, isWide }) => ({
      ...{ name, type: "string", description: "", priority: isWide === true ? 1 : 0 },
      format: name === "Name" ? "name" : "",
    })),
    rows: objects.map((object) => ({
      cells: columns.map(({ value }) => value(object, now)),
      object: { kind: "PartialObjectMetadata", apiVersion: "meta.k8s.io/v1", metadata: object.metadata },
    })),
  };
}

const nameColumn: Column = { name: "Name", value: ({ metadata }) => metadata.name };
const ageColumn: Column = {
  name: "Age",
  value: ({ metadata }, now) => toAge(now - Date.parse(metadata.creationTimestamp)),
};

function columnsOf(resource: Resource): readonly Column[] {
  switch (resource) {
    case pods:
      return podColumns;
    case jobs:
      return jobColumns;
    case events:
      return eventColumns;
    case namespaces:
      return [nameColumn, { name: "Status", value: toNamespaceStatus }, ageColumn];
    default:
      return [
        nameColumn,
        { name: "Data", value: ({ data }) => (isRecord(data) ? Object.keys(data).length : 0) },
        ageColumn,
      ];
  }
}

const toNamespaceStatus = ({ metadata }: KubeObject): string =>
  metadata.deletionTimestamp === undefined ? "Active" : "Terminating";

const podColumns: readonly Column[] = [
  nameColumn,
  { name: "Ready", value: (pod) => `${firstOf(pod)?.ready === true ? 1 : 0}/1` },
  { name: "Status", value: (pod) => toPodStatus(pod as Pod) },
  { name: "Restarts", value: (pod) => firstOf(pod)?.restartCount ?? 0 },
  ageColumn,
  { name: "IP", value: (pod) => (pod as Pod).status.podIP ?? "<none>", isWide: true },
  { name: "Node", value: (pod) => (pod as Pod).spec.nodeName ?? "<none>", isWide: true },
];

const firstOf = (pod: KubeObject): NonNullable<Pod["status"]["containerStatuses"]>[number] | undefined =>
  (pod as Pod).status.containerStatuses?.[0];

function toPodStatus(pod: Pod): string {
  if (pod.metadata.deletionTimestamp !== undefined) return "Terminating";
  const { waiting, terminated } = firstOf(pod)?.state ?? {};
  return pod.status.reason ?? waiting?.reason ?? terminated?.reason ?? pod.status.phase;
}

const jobColumns: readonly Column[] = [
  nameColumn,
  { name: "Status", value: (job) => toJobStatus(job as Job) },
  {
    name: "Completions",
    value: (job) => {
      const { spec, status } = job as Job;
      return `${status?.succeeded ?? 0}/${spec.completions ?? `1 of ${spec.parallelism}`}`;
    },
  },
  { name: "Duration", value: (job, now) => toDuration(job as Job, now) },
  ageColumn,
];

function toJobStatus(job: Job): string {
  const conditions = job.status?.conditions ?? [];
  const last = conditions.find(({ type }) => ["Complete", "Failed", "Suspended"].includes(type));
  return last?.type ?? "Running";
}

function toDuration(job: Job, now: number): string {
  const { startTime, completionTime } = job.status ?? {};
  if (startTime === undefined) return "";
  if (completionTime === undefined && isFinished(job)) return "";
  return toAge((completionTime === undefined ? now : Date.parse(completionTime)) - Date.parse(startTime));
}

const eventColumns: readonly Column[] = [
  { name: "Last Seen", value: (event, now) => toAge(now - Date.parse(String(event["lastTimestamp"]))) },
  { name: "Type", value: (event) => String(event["type"]) },
  { name: "Reason", value: (event) => String(event["reason"]) },
  {
    name: "Object",
    value: (event) => {
      const { kind, name } = event["involvedObject"] as { readonly kind: string; readonly name: string };
      return `${kind.toLowerCase()}/${name}`;
    },
  },
  { name: "Message", value: (event) => String(event["message"]) },
];

/** `45s`, `12m`, `3h`, `2d`. */
function toAge(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1_000));
  if (seconds < 120) return `${seconds}s`;
  if (seconds < 7_200) return `${Math.floor(seconds / 60)}m`;
  return seconds < 172_800 ? `${Math.floor(seconds / 3_600)}h` : `${Math.floor(seconds / 86_400)}d`;
}
