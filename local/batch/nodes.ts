import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Clock } from "../part.ts";
import {
  type Account,
  type BatchNode,
  type NodeProblem,
  type NodeState,
  now,
  type Pool,
  recordAt,
} from "./account.ts";
import { findImageProblem } from "./images.ts";
import { startAgent } from "../process/agent.ts";
import { runStartTask } from "./start-task.ts";

/** The life of a node: allocated, started, in use, gone. */

/** A new node; it becomes idle by itself. */
export function allocateNode(account: Account, pool: Pool, kind: BatchNode["kind"]): void {
  account.nextNode += 1;
  const id = `tvmps_${account.nextNode.toString().padStart(8, "0")}_${kind === "dedicated" ? "d" : "p"}`;
  const at = now(account);
  const node: BatchNode = {
    ...{ id, poolId: pool.id, kind, folder: join(account.settings.folder, pool.id, id) },
    ...{ state: "starting", allocatedAt: at, changedAt: at, attempts: new Set() },
    leaving: new AbortController(),
    boot: Promise.resolve(),
  };
  pool.nodes.set(id, node);
  node.boot = bootNode(account, pool, node).catch((error: unknown) => {
    const message = error instanceof Error ? error.message : String(error);
    changeNode(account, node, "unusable", { code: "NodeStartFailed", message });
  });
}

async function bootNode(account: Account, pool: Pool, node: BatchNode): Promise<void> {
  const { clock, graceMilliseconds, nodeEnvironment, nodeStartMilliseconds } = account.settings;
  await pause(clock, nodeStartMilliseconds, node.leaving.signal);
  if (isLeaving(node)) return;
  await mkdir(join(node.folder, "shared"), { recursive: true });
  await mkdir(join(node.folder, "startup"), { recursive: true });
  const { env, close } = await nodeEnvironment({
    poolId: pool.id,
    nodeId: node.id,
    identities: pool.identities,
  });
  const agent = await startAgent(graceMilliseconds, () => {
    // Gone without a word (hardware): the pool will want another.
    if (node.state !== "unusable") void removeNode(account, pool, node);
  });
  node.host = { agent, env, close: close ?? (() => Promise.resolve()) };
  const problem = findImageProblem(account, pool);
  if (problem) {
    changeNode(account, node, "unusable", problem);
    return;
  }
  if (Object.keys(recordAt(pool.given, "startTask")).length > 0 && !isLeaving(node)) {
    changeNode(account, node, "waitingforstarttask");
    const ready = await runStartTask(account, pool, node);
    changeNode(account, node, ready ? "idle" : "starttaskfailed");
  } else {
    changeNode(account, node, "idle");
  }
}

/** A pre-empted node stays one, whatever its start still comes to. */
function changeNode(account: Account, node: BatchNode, state: NodeState, problem?: NodeProblem): void {
  if (node.state === "preempted") return;
  node.state = state;
  if (problem) node.problem = problem;
  node.changedAt = now(account);
  account.wake();
}

/** Takes a node out of its pool; what ran on it goes back to the queue. */
export async function removeNode(account: Account, pool: Pool, node: BatchNode): Promise<void> {
  pool.nodes.delete(node.id);
  for (const attempt of node.attempts) attempt.ending ??= "requeue";
  await closeNode(node);
  // A disk that cannot be cleared is no reason to keep the node.
  await rm(node.folder, { recursive: true, force: true, maxRetries: 3 }).catch(() => undefined);
  account.wake();
}

/** Azure takes a spot node back, with all it runs; its tasks are queued again. */
export async function preemptNode(account: Account, node: BatchNode): Promise<void> {
  changeNode(account, node, "preempted");
  for (const attempt of node.attempts) attempt.ending ??= "requeue";
  node.host?.agent.kill();
  await closeNode(node);
  account.wake();
}

/** The node is broken under its tasks, which are dead and said to run on. */
export function breakNode(account: Account, node: BatchNode, problem: NodeProblem): void {
  changeNode(account, node, "unusable", problem);
  for (const attempt of node.attempts) attempt.ending ??= "stranded";
  node.host?.agent.kill();
}

/** Ends what runs on a node, and its agent; also when it is still starting. */
export async function closeNode(node: BatchNode): Promise<void> {
  node.leaving.abort();
  await closeHost(node);
  await node.boot;
  // A start that was past the point of no return has just put a host there.
  await closeHost(node);
}

const isLeaving = (node: BatchNode): boolean => node.leaving.signal.aborted;

async function closeHost(node: BatchNode): Promise<void> {
  const { host } = node;
  if (!host) return;
  delete node.host;
  await host.agent.stop();
  await host.close();
}

async function pause(clock: Clock, milliseconds: number, signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    const cancel = clock.after(milliseconds, resolve);
    signal.addEventListener("abort", () => {
      cancel();
      resolve();
    });
  });
}
