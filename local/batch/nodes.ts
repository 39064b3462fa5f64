import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Clock } from "../part.ts";
import { type Account, type BatchNode, type NodeState, now, type Pool, recordAt } from "./account.ts";
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
    node.problem = error instanceof Error ? error.message : String(error);
    changeNode(account, node, "unusable");
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
    // Gone without a word (pre-empted, hardware): the pool will want another.
    void removeNode(account, pool, node);
  });
  node.host = { agent, env, close: close ?? (() => Promise.resolve()) };
  if (Object.keys(recordAt(pool.given, "startTask")).length > 0 && !isLeaving(node)) {
    changeNode(account, node, "waitingforstarttask");
    const ready = await runStartTask(account, pool, node);
    changeNode(account, node, ready ? "idle" : "starttaskfailed");
  } else {
    changeNode(account, node, "idle");
  }
}

function changeNode(account: Account, node: BatchNode, state: NodeState): void {
  node.state = state;
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
