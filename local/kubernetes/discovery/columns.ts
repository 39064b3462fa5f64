import { isRecord } from "../../web-server.ts";
import { hasCondition } from "../cluster.ts";
import { isFinished } from "../jobs/plan-job.ts";
import type { Condition, ContainerStatus, Job, Json, KubeObject, Pod } from "../objects.ts";
import {
  events,
  jobs,
  namespaces,
  nodes,
  pods,
  type Resource,
  secretProviderClasses,
  secrets,
  serviceAccounts,
} from "../resources.ts";
import { toAge } from "./age.ts";

/** What `kubectl get` shows of each kind, as kubernetes/pkg/printers/internalversion writes it. */

export interface Column {
  readonly name: string;
  readonly value: (object: KubeObject, now: number) => string | number;
  /** Only with `-o wide`. */
  readonly isWide?: boolean;
}

export const columnsOf = (resource: Resource): readonly Column[] => columns.get(resource) ?? dataColumns;

const none = "<none>";
const nameColumn: Column = { name: "Name", value: ({ metadata }) => metadata.name };
const ageColumn: Column = {
  name: "Age",
  value: ({ metadata }, now) => toAge(now - Date.parse(metadata.creationTimestamp)),
};
const dataColumn: Column = { name: "Data", value: ({ data }) => Object.keys(toRecord(data)).length };
const dataColumns = [nameColumn, dataColumn, ageColumn];

const namespaceColumns: readonly Column[] = [
  nameColumn,
  {
    name: "Status",
    value: ({ metadata }) => (metadata.deletionTimestamp === undefined ? "Active" : "Terminating"),
  },
  ageColumn,
];

const podColumns: readonly Column[] = [
  nameColumn,
  { name: "Ready", value: (pod) => `${firstOf(pod)?.ready === true ? 1 : 0}/1` },
  { name: "Status", value: (pod) => toPodStatus(pod as Pod) },
  { name: "Restarts", value: (pod, now) => toRestarts(firstOf(pod), now) },
  ageColumn,
  { name: "IP", value: (pod) => (pod as Pod).status.podIP ?? none, isWide: true },
  { name: "Node", value: (pod) => (pod as Pod).spec.nodeName ?? none, isWide: true },
  { name: "Nominated Node", value: () => none, isWide: true },
  { name: "Readiness Gates", value: () => none, isWide: true },
];

const firstOf = (pod: KubeObject): ContainerStatus | undefined => (pod as Pod).status.containerStatuses?.[0];

function toPodStatus(pod: Pod): string {
  if (pod.metadata.deletionTimestamp !== undefined) return "Terminating";
  const { waiting, terminated } = firstOf(pod)?.state ?? {};
  return pod.status.reason ?? waiting?.reason ?? terminated?.reason ?? pod.status.phase;
}

/** `3 (10s ago)` */
function toRestarts(status: ContainerStatus | undefined, now: number): string {
  const { restartCount = 0, lastState } = status ?? {};
  const finishedAt = lastState?.terminated?.finishedAt;
  if (restartCount === 0 || finishedAt === undefined) return String(restartCount);
  return `${restartCount} (${toAge(now - Date.parse(finishedAt))} ago)`;
}

const jobColumns: readonly Column[] = [
  nameColumn,
  { name: "Status", value: (job) => toJobStatus(job as Job) },
  { name: "Completions", value: (job) => toCompletions(job as Job) },
  { name: "Duration", value: (job, now) => toDuration(job as Job, now) },
  ageColumn,
  { name: "Containers", value: (job) => toContainers(job as Job, "name"), isWide: true },
  { name: "Images", value: (job) => toContainers(job as Job, "image"), isWide: true },
];

function toJobStatus({ metadata, status }: Job): string {
  const has = (type: string): boolean => hasCondition(status?.conditions, type);
  const ended = ["Complete", "Failed"].find(has);
  if (ended !== undefined) return ended;
  if (metadata.deletionTimestamp !== undefined) return "Terminating";
  return ["Suspended", "FailureTarget", "SuccessCriteriaMet"].find(has) ?? "Running";
}

function toCompletions({ spec, status }: Job): string {
  const wanted = spec.completions ?? (spec.parallelism > 1 ? `1 of ${spec.parallelism}` : 1);
  return `${status?.succeeded ?? 0}/${wanted}`;
}

function toDuration(job: Job, now: number): string {
  const { startTime, completionTime } = job.status ?? {};
  if (startTime === undefined) return "";
  if (completionTime === undefined && isFinished(job)) return "";
  return toAge((completionTime === undefined ? now : Date.parse(completionTime)) - Date.parse(startTime));
}

const toContainers = ({ spec }: Job, field: "name" | "image"): string =>
  spec.template.spec.containers.map((container) => container[field] ?? "").join(",");

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

const nodeColumns: readonly Column[] = [
  nameColumn,
  {
    name: "Status",
    value: ({ status }) =>
      hasCondition(toRecord(status)["conditions"] as readonly Condition[], "Ready") ? "Ready" : "NotReady",
  },
  { name: "Roles", value: () => none },
  ageColumn,
  { name: "Version", value: (node) => aboutNode(node, "kubeletVersion") },
  { name: "Internal-IP", value: () => "127.0.0.1", isWide: true },
  { name: "External-IP", value: () => none, isWide: true },
  { name: "OS-Image", value: (node) => aboutNode(node, "osImage"), isWide: true },
  { name: "Kernel-Version", value: (node) => aboutNode(node, "kernelVersion"), isWide: true },
  { name: "Container-Runtime", value: (node) => aboutNode(node, "containerRuntimeVersion"), isWide: true },
];

function aboutNode({ status }: KubeObject, name: string): string {
  const text = toRecord(toRecord(status)["nodeInfo"])[name];
  return typeof text === "string" ? text : "<unknown>";
}

const toRecord = (value: unknown): Json => (isRecord(value) ? value : {});

const columns: ReadonlyMap<Resource, readonly Column[]> = new Map([
  [pods, podColumns],
  [jobs, jobColumns],
  [events, eventColumns],
  [namespaces, namespaceColumns],
  [nodes, nodeColumns],
  [secrets, [nameColumn, { name: "Type", value: ({ type }) => String(type) }, dataColumn, ageColumn]],
  [serviceAccounts, [nameColumn, { name: "Secrets", value: () => 0 }, ageColumn]],
  [secretProviderClasses, [nameColumn, ageColumn]],
]);
