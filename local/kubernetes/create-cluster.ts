import { addNode } from "./add-node.ts";
import { createObject } from "./admission/create-object.ts";
import type { Cluster, Settings } from "./cluster.ts";
import { collectGarbage } from "./delete-object.ts";
import { countPod, syncJobs } from "./jobs/sync-jobs.ts";
import { endRun } from "./pods/pod-run.ts";
import { syncPods } from "./pods/sync-pods.ts";
import { namespaces } from "./resources.ts";
import { createStore } from "./store.ts";
import { addDefaultAccount } from "./verbs/write.ts";

/** A cluster of one node, whose controllers look at everything whenever something changes. */
export function createCluster(settings: Settings, names: readonly string[]): Cluster {
  let due = false;
  const cluster: Cluster = {
    ...{ settings, store: createStore(), url: "", runs: new Map(), tallies: new Map() },
    ...{ serviceAccountTokens: new Map(), refusedImages: new Set(), refusedPods: new Set() },
    ...{ unschedulable: undefined, refusal: undefined, node: undefined, stopped: false },
    wake: () => {
      if (due) return;
      due = true;
      // Later, so that whatever wakes it has finished its own change.
      queueMicrotask(() => {
        due = false;
        if (!cluster.stopped) advance(cluster);
      });
    },
  };
  cluster.store.watch(undefined, (change) => {
    countPod(cluster, change);
    cluster.wake();
  });
  for (const name of new Set(["default", ...names])) addNamespace(cluster, name);
  addNode(cluster);
  return cluster;
}

function addNamespace(cluster: Cluster, name: string): void {
  cluster.store.insert(namespaces, createObject(cluster, namespaces, { metadata: { name } }, undefined));
  addDefaultAccount({ cluster }, name);
}

/** When the controllers look again though nothing changed, by cluster. */
const alarms = new WeakMap<Cluster, () => void>();

function advance(cluster: Cluster): void {
  collectGarbage(cluster);
  const lookAt = syncJobs(cluster);
  syncPods(cluster);
  alarms.get(cluster)?.();
  alarms.delete(cluster);
  if (lookAt === undefined) return;
  const { clock } = cluster.settings;
  alarms.set(cluster, clock.after(Math.max(0, lookAt - clock.now()), cluster.wake));
}

/** Ends all pods, all at once and without their grace, and the node's agent. */
export async function stopCluster(cluster: Cluster): Promise<void> {
  cluster.stopped = true;
  alarms.get(cluster)?.();
  const runs = [...cluster.runs.values()];
  for (const run of runs) endRun(run, { why: "deleted" }, 500);
  await Promise.all(runs.map(({ done }) => done));
  const node = await cluster.node?.catch(() => undefined);
  await node?.stop();
}
