import type { Deferred } from "../deferred.ts";
import type { Clock } from "../part.ts";
import type { Agent, TaskProcess } from "../process/agent.ts";

/** Everything the account knows. Times are milliseconds since 1970; `given` is what a caller sent. */

export type Json = Readonly<Record<string, unknown>>;

export interface Pool {
  readonly id: string;
  /** The management plane's name for it. */
  readonly resourceId: string;
  /** `properties` as given, with later changes. */
  given: Json;
  /** Resource ids of the user-assigned identities, as given. */
  readonly identities: readonly string[];
  readonly createdAt: number;
  modifiedAt: number;
  state: "active" | "deleting";
  target: Target;
  /** Present while a formula sets the size: its last evaluation, and how to end them. */
  autoScale?: { readonly run: AutoScaleRun; readonly stop: () => void };
  resizeErrors: readonly { readonly code: string; readonly message: string }[];
  readonly nodes: Map<string, BatchNode>;
}

/** keepsBusyNodes: a node too many leaves when its tasks have ended, instead of at once. */
export interface Target {
  readonly dedicated: number;
  readonly spot: number;
  readonly keepsBusyNodes: boolean;
}

interface AutoScaleRun {
  readonly at: number;
  readonly results: string;
  readonly error?: { readonly code: string; readonly message: string };
}

export type NodeState =
  | "starting"
  | "waitingforstarttask"
  | "starttaskfailed"
  | "idle"
  | "running"
  | "unusable"
  | "preempted"
  | "leavingpool";

/** Why a node cannot be used. */
export interface NodeProblem {
  readonly code: string;
  readonly message: string;
  readonly details?: readonly { readonly name: string; readonly value: string }[];
}

export interface BatchNode {
  readonly id: string;
  readonly poolId: string;
  readonly kind: "dedicated" | "spot";
  readonly folder: string;
  state: NodeState;
  changedAt: number;
  readonly allocatedAt: number;
  /** What runs on it. */
  readonly attempts: Set<Attempt>;
  /** Why it is unusable. */
  problem?: NodeProblem;
  /** How its start task ended. */
  startTask?: {
    readonly startedAt: number;
    readonly endedAt: number;
    readonly retries: number;
    readonly exitCode?: number;
    readonly failure?: FailureInfo;
  };
  /** Aborted when it leaves its pool. */
  readonly leaving: AbortController;
  /** Settles when its start is over, well or badly. */
  boot: Promise<void>;
  /** Present once it has started. */
  host?: { readonly agent: Agent; readonly env: Json; readonly close: () => Promise<void> };
}

export interface Job {
  readonly id: string;
  given: Json;
  readonly createdAt: number;
  state: "active" | "disabling" | "disabled" | "terminating" | "completed" | "deleting";
  changedAt: number;
  endedAt?: number;
  terminateReason?: string;
  readonly tasks: Map<string, Task>;
}

export type TaskState = "active" | "preparing" | "running" | "completed";

export interface Task {
  readonly id: string;
  readonly jobId: string;
  readonly given: Json;
  readonly createdAt: number;
  state: TaskState;
  changedAt: number;
  retries: number;
  requeues: number;
  requeuedAt?: number;
  /** The present or last one. */
  attempt?: Attempt;
  /** Why it failed, or its last attempt did. */
  failure?: FailureInfo;
}

export interface FailureInfo {
  readonly category: "usererror" | "servererror";
  readonly code: string;
  readonly message: string;
  readonly details?: NodeProblem["details"];
}

/** One start of a task on a node. */
export interface Attempt {
  readonly task: Task;
  readonly nodeId: string;
  readonly poolId: string;
  readonly folder: string;
  readonly startedAt: number;
  endedAt?: number;
  process?: TaskProcess;
  exitCode?: number;
  /** Settled: nothing of it runs any more, and the task's state says what it came to. */
  readonly done: Deferred;
  /** Why it is being ended from outside. */
  ending?: "terminate" | "timeout" | "requeue" | "stranded";
}

export interface TaskStart {
  readonly poolId: string;
  readonly nodeId: string;
  readonly jobId: string;
  readonly taskId: string;
  readonly pid: number;
}

export interface NodeFacts {
  readonly poolId: string;
  readonly nodeId: string;
  /** Resource ids of the identities assigned to the pool. */
  readonly identities: readonly string[];
}

export interface NodeEnvironment {
  readonly env: Readonly<Record<string, string>>;
  /** Called when the node leaves. */
  readonly close?: () => Promise<void>;
}

/** What the account was started with. */
export interface Settings {
  readonly accountName: string;
  readonly folder: string;
  readonly clock: Clock;
  readonly nodeStartMilliseconds: number;
  readonly graceMilliseconds: number;
  readonly maximumNodes: number;
  readonly nodeEnvironment: (node: NodeFacts) => NodeEnvironment | Promise<NodeEnvironment>;
  readonly onTaskStart: (start: TaskStart) => void;
}

export interface Account {
  readonly settings: Settings;
  /** `https://localhost:{port}` */
  url: string;
  readonly pools: Map<string, Pool>;
  readonly jobs: Map<string, Job>;
  /** Failures the next task starts meet instead of starting. */
  readonly startFailures: FailureInfo[];
  /** Container images that cannot be pulled; all others can. */
  readonly missingImages: Set<string>;
  /** What pools meet instead of nodes. */
  allocationFailure: { readonly code: string; readonly message: string } | undefined;
  nextNode: number;
  stopped: boolean;
  /** Something changed: look for work. */
  wake: () => void;
}

export const now = (account: Account): number => account.settings.clock.now();

/** Slots of a node; a pool that says nothing has 1. */
export const slotsOf = (pool: Pool): number => numberAt(pool.given, "taskSlotsPerNode") ?? 1;

/** Nothing is on its way: the wanted nodes are there, or their lack is reported. */
export function isSteady(pool: Pool): boolean {
  const nodes = presentNodes(pool);
  const starting = nodes.some(({ state }) => state === "starting");
  return (
    (!starting && nodes.length === pool.target.dedicated + pool.target.spot) || pool.resizeErrors.length > 0
  );
}

/** Nodes that count: a pre-empted one is only shown, until another has its place. */
export const presentNodes = (pool: Pool, kind?: BatchNode["kind"]): BatchNode[] =>
  [...pool.nodes.values()].filter(
    (node) => node.state !== "preempted" && (kind === undefined || node.kind === kind),
  );

export const poolIdOf = (job: Job): string => textAt(recordAt(job.given, "poolInfo"), "poolId") ?? "";

export function numberAt(value: Json, name: string): number | undefined {
  const found = value[name];
  return typeof found === "number" ? found : undefined;
}

export function textAt(value: Json, name: string): string | undefined {
  const found = value[name];
  return typeof found === "string" ? found : undefined;
}

export function recordAt(value: Json, name: string): Json {
  const found = value[name];
  return typeof found === "object" && found !== null && !Array.isArray(found) ? (found as Json) : {};
}

export function listAt(value: Json, name: string): readonly Json[] {
  const found = value[name];
  return Array.isArray(found) ? (found as readonly Json[]) : [];
}
