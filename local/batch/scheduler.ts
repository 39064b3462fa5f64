import {
  type Account,
  type BatchNode,
  type Job,
  numberAt,
  type Pool,
  poolIdOf,
  presentNodes,
  slotsOf,
  type Task,
} from "./account.ts";
import { terminateJob } from "./jobs.ts";
import { allocateNode, removeNode } from "./nodes.ts";
import { runTask } from "./task-run.ts";

/** Looks at everything and does what is due: allocates and frees nodes, starts tasks, ends finished jobs. */
export function advance(account: Account): void {
  if (account.stopped) return;
  for (const pool of account.pools.values()) resize(account, pool);
  for (const { job, task, node } of planStarts(account)) {
    node.state = "running";
    void runTask(account, job, task, node);
  }
  for (const pool of account.pools.values()) restIdleNodes(pool);
  for (const job of account.jobs.values()) endWhenComplete(account, job);
}

interface Start {
  readonly job: Job;
  readonly task: Task;
  readonly node: BatchNode;
}

/** Which waiting task gets which free slot: jobs by priority, tasks as they came, the emptiest node first. */
function planStarts(account: Account): Start[] {
  const free = new Map<BatchNode, number>();
  const starts: Start[] = [];
  const jobs = [...account.jobs.values()].filter(({ state }) => state === "active");
  for (const job of jobs.sort((a, b) => priorityOf(b) - priorityOf(a))) {
    const pool = account.pools.get(poolIdOf(job));
    if (!pool) continue;
    for (const task of job.tasks.values()) {
      const node = task.state === "active" ? emptiestNode(pool, free) : undefined;
      if (!node) continue;
      free.set(node, freeSlots(pool, node, free) - 1);
      starts.push({ job, task, node });
    }
  }
  return starts;
}

const priorityOf = (job: Job): number => numberAt(job.given, "priority") ?? 0;

function emptiestNode(pool: Pool, free: ReadonlyMap<BatchNode, number>): BatchNode | undefined {
  const nodes = [...pool.nodes.values()].filter(({ state }) => state === "idle" || state === "running");
  const most = (best: BatchNode, node: BatchNode): BatchNode =>
    freeSlots(pool, node, free) > freeSlots(pool, best, free) ? node : best;
  const [first, ...rest] = nodes;
  const best = first && rest.reduce(most, first);
  return best && freeSlots(pool, best, free) > 0 ? best : undefined;
}

const freeSlots = (pool: Pool, node: BatchNode, free: ReadonlyMap<BatchNode, number>): number =>
  free.get(node) ?? slotsOf(pool) - node.attempts.size;

function resize(account: Account, pool: Pool): void {
  if (pool.state !== "active") return;
  for (const kind of ["dedicated", "spot"] as const) {
    const nodes = presentNodes(pool, kind);
    const missing = pool.target[kind] - nodes.length;
    if (missing > 0 && account.allocationFailure) pool.resizeErrors = [account.allocationFailure];
    else for (let i = 0; i < missing; i += 1) allocateNode(account, pool, kind);
    // Idle nodes leave first.
    const leaving = nodes.sort((a, b) => a.attempts.size - b.attempts.size).slice(0, Math.max(0, -missing));
    for (const node of leaving) {
      if (!pool.target.keepsBusyNodes || node.attempts.size === 0) void removeNode(account, pool, node);
    }
    forgetReplaced(account, pool, kind);
  }
}

/** Pre-empted nodes are shown until the pool has its number again. */
function forgetReplaced(account: Account, pool: Pool, kind: BatchNode["kind"]): void {
  const ready = presentNodes(pool, kind).filter(({ state }) => state !== "starting");
  if (ready.length < pool.target[kind]) return;
  for (const node of pool.nodes.values()) {
    if (node.kind === kind && node.state === "preempted") void removeNode(account, pool, node);
  }
}

function restIdleNodes(pool: Pool): void {
  for (const node of pool.nodes.values()) {
    if (node.state === "running" && node.attempts.size === 0) node.state = "idle";
  }
}

function endWhenComplete(account: Account, job: Job): void {
  // A job without tasks has none left to wait for: the service ends it at once, and so is this.
  const complete = [...job.tasks.values()].every(({ state }) => state === "completed");
  if (job.state !== "active" || !complete || job.given["onAllTasksComplete"] !== "terminatejob") return;
  void terminateJob(account, job, "AllTasksComplete");
}
