import { randomBytes } from "node:crypto";
import type { VerifyToken } from "../identity/verify.ts";
import { type Clock, type RunningPart, systemClock } from "../part.ts";
import { startWebServer, type WebFault, type WebRequest, type WebResponse } from "../web-server.ts";
import type {
  Account,
  BatchNode,
  FailureInfo,
  NodeEnvironment,
  NodeFacts,
  NodeProblem,
  Pool,
  Settings,
  TaskStart,
} from "./account.ts";
import { admitToData, admitToManagement, type BatchAccess, type Guard } from "./authentication.ts";
import { answerData } from "./data/routes.ts";
import { BatchError, toDataError, toManagementError } from "./errors.ts";
import { type AccountKeys, answerManagement, isManagementPath } from "./management/routes.ts";
import { withServiceHeaders } from "./service-headers.ts";
import { breakNode, closeNode, preemptNode, removeNode } from "./nodes.ts";
import { advance } from "./scheduler.ts";

export type { NodeEnvironment, NodeFacts, TaskStart } from "./account.ts";

export interface BatchOptions {
  readonly tls: { readonly key: string; readonly cert: string };
  readonly verifyToken: VerifyToken;
  readonly access: readonly BatchAccess[];
  /** Where nodes keep their tasks' files; created when needed. */
  readonly folder: string;
  /** Default `local`. */
  readonly accountName?: string;
  /** Base64; default random. */
  readonly accountKey?: string;
  /** How long a node takes from being allocated to its start. Default 0. */
  readonly nodeStartMilliseconds?: number;
  /** Between SIGTERM and SIGKILL when a task is ended. Default 5 s. */
  readonly graceMilliseconds?: number;
  /** Pools that want more are refused. Default 64. */
  readonly maximumNodes?: number;
  /**
   * What processes of a node find in their environment besides `AZ_BATCH_*` and the task's own settings.
   * Nothing is inherited from this process: without it there is not even a PATH.
   */
  readonly nodeEnvironment?: (node: NodeFacts) => NodeEnvironment | Promise<NodeEnvironment>;
  readonly onTaskStart?: (start: TaskStart) => void;
  readonly clock?: Clock;
  readonly port?: number;
  readonly fault?: WebFault;
}

export interface RunningBatch extends RunningPart {
  /** Of both planes: `https://localhost:{port}`. */
  readonly url: string;
  readonly accountName: string;
  readonly accountKey: string;
  /** The task processes of this moment. */
  running(): readonly TaskStart[];
  /** Ids of the jobs there are at this moment. */
  jobs(): readonly string[];
  /** A node vanishes with all it runs; its tasks are queued again and the pool gets another. False = no such node. */
  loseNode(nodeId: string): boolean;
  /** Azure takes a spot node back: SIGKILL to all it runs, its tasks are queued again. False = no such spot node. */
  preemptNode(nodeId: string): boolean;
  /** A node is unusable under its tasks, which are said to run on. False = no such node. */
  breakNode(nodeId: string, problem: NodeProblem): boolean;
  /** The next task starts fail like this instead. */
  failNextStarts(failure: FailureInfo, count?: number): void;
  /** No registry has this image any more: new nodes of pools with it are unusable. */
  removeImage(image: string): void;
  /** From now on pools get this instead of new nodes (quota, capacity); `undefined` ends it. */
  failAllocation(failure: { readonly code: string; readonly message: string } | undefined): void;
}

/** Starts a Batch account whose nodes are processes of this machine. */
export async function startBatch(options: BatchOptions): Promise<RunningBatch> {
  const accountKey = options.accountKey ?? randomBytes(64).toString("base64");
  const account = createAccount(toSettings(options));
  const { accountName } = account.settings;
  const keys = { primary: accountKey, secondary: randomBytes(64).toString("base64") };
  const guard: Guard = { ...options, account: { name: accountName, keys: Object.values(keys) } };
  const server = await startWebServer({
    handler: async (request) => withServiceHeaders(request, await answer(account, guard, keys, request)),
    ...{ tls: options.tls, fault: options.fault, port: options.port },
  });
  account.url = server.origin;
  return {
    url: server.origin,
    accountName,
    accountKey,
    running: () => listRunning(account),
    jobs: () => [...account.jobs.keys()],
    loseNode: (nodeId) => withNode(account, nodeId, (node, pool) => loseNode(account, node, pool)),
    preemptNode: (nodeId) =>
      withNode(account, nodeId, (node) => {
        if (node.kind === "spot") void preemptNode(account, node);
        return node.kind === "spot";
      }),
    breakNode: (nodeId, problem) =>
      withNode(account, nodeId, (node) => {
        breakNode(account, node, problem);
        return true;
      }),
    failNextStarts: (failure, count = 1) => {
      account.startFailures.push(...Array.from({ length: count }, () => failure));
    },
    removeImage: (image) => {
      account.missingImages.add(image);
    },
    failAllocation: (failure) => {
      account.allocationFailure = failure;
      for (const pool of account.pools.values()) pool.resizeErrors = [];
      account.wake();
    },
    env: { BATCH_ACCOUNT_NAME: accountName, BATCH_ACCOUNT_URL: server.origin },
    listening: [{ name: "Batch (management and data)", address: server.origin }],
    stop: async () => {
      await server.stop();
      await stopAccount(account);
    },
  };
}

function toSettings(options: BatchOptions): Settings {
  return {
    accountName: options.accountName ?? "local",
    folder: options.folder,
    clock: options.clock ?? systemClock,
    nodeStartMilliseconds: options.nodeStartMilliseconds ?? 0,
    graceMilliseconds: options.graceMilliseconds ?? 5_000,
    maximumNodes: options.maximumNodes ?? 64,
    nodeEnvironment: options.nodeEnvironment ?? (() => ({ env: {} })),
    onTaskStart: options.onTaskStart ?? (() => undefined),
  };
}

function createAccount(settings: Settings): Account {
  let due = false;
  const account: Account = {
    settings,
    url: "",
    pools: new Map(),
    jobs: new Map(),
    startFailures: [],
    missingImages: new Set(),
    allocationFailure: undefined,
    nextNode: 0,
    stopped: false,
    wake: () => {
      if (due) return;
      due = true;
      // Later, so that whatever wakes it has finished its own change.
      queueMicrotask(() => {
        due = false;
        advance(account);
      });
    },
  };
  return account;
}

async function answer(
  account: Account,
  guard: Guard,
  keys: AccountKeys,
  request: WebRequest,
): Promise<WebResponse> {
  const management = isManagementPath(request.url.pathname);
  try {
    if (management) {
      admitToManagement(guard, request);
      return answerManagement(account, keys, request);
    }
    admitToData(guard, request);
    return await answerData(account, request);
  } catch (error) {
    if (!(error instanceof BatchError)) throw error;
    return management ? toManagementError(error) : toDataError(error);
  }
}

function listRunning(account: Account): TaskStart[] {
  const nodes = [...account.pools.values()].flatMap((pool) => [...pool.nodes.values()]);
  return nodes
    .flatMap((node) => [...node.attempts])
    .flatMap(({ task, poolId, nodeId, process }) =>
      process ? [{ poolId, nodeId, jobId: task.jobId, taskId: task.id, pid: process.pid }] : [],
    );
}

function withNode(account: Account, nodeId: string, act: (node: BatchNode, pool: Pool) => boolean): boolean {
  for (const pool of account.pools.values()) {
    const node = pool.nodes.get(nodeId);
    if (node) return act(node, pool);
  }
  return false;
}

function loseNode(account: Account, node: BatchNode, pool: Pool): boolean {
  if (node.host) node.host.agent.kill();
  else void removeNode(account, pool, node);
  return true;
}

async function stopAccount(account: Account): Promise<void> {
  account.stopped = true;
  for (const pool of account.pools.values()) {
    pool.autoScale?.stop();
    await Promise.all([...pool.nodes.values()].map(closeNode));
  }
}
