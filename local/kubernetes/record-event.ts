import { randomUUID } from "node:crypto";
import { type Cluster, now } from "./cluster.ts";
import { type KubeObject, toTime } from "./objects.ts";
import { events } from "./resources.ts";

interface EventFacts {
  readonly type?: "Normal" | "Warning";
  readonly reason: string;
  readonly message: string;
  /** Who says so: `kubelet`, `job-controller`. */
  readonly component: string;
}

/** What `kubectl describe` shows of an object's life. The same event again is counted, not repeated. */
export function recordEvent(cluster: Cluster, about: KubeObject, facts: EventFacts): void {
  const { store } = cluster;
  const { name, namespace = "default", uid, resourceVersion } = about.metadata;
  const time = toTime(now(cluster));
  const { type = "Normal", reason, message, component } = facts;
  const same = store.list(events, namespace).find((event) => {
    const { uid: subject } = event["involvedObject"] as { readonly uid: string };
    return subject === uid && event["reason"] === reason && event["message"] === message;
  });
  if (same) {
    store.replace(events, { ...same, count: Number(same["count"]) + 1, lastTimestamp: time });
    return;
  }
  store.insert(events, {
    apiVersion: "v1",
    kind: "Event",
    metadata: {
      ...{ name: `${name}.${toSuffix(cluster)}`, namespace, uid: randomUUID() },
      ...{ resourceVersion: "", creationTimestamp: time },
    },
    involvedObject: { apiVersion: about.apiVersion, kind: about.kind, name, namespace, uid, resourceVersion },
    ...{ type, reason, message, count: 1, firstTimestamp: time, lastTimestamp: time },
    source: { component },
  });
}

/** Nanoseconds, as Kubernetes has it: lists are in the order of names, and so in that of time. */
function toSuffix(cluster: Cluster): string {
  // Two in one millisecond differ in what was written before them.
  const inside = Number(cluster.store.version()) % 1_000_000;
  return (BigInt(now(cluster)) * 1_000_000n + BigInt(inside)).toString(16);
}
