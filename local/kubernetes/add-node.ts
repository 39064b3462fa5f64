import { arch, availableParallelism, release, totalmem } from "node:os";
import { createObject } from "./admission/create-object.ts";
import { type Cluster, nodeName, now } from "./cluster.ts";
import { serverVersion } from "./discovery/discovery.ts";
import { toTime } from "./objects.ts";
import { nodes } from "./resources.ts";

/** The one node: this machine. Only the number of its pods is kept to. */
export function addNode(cluster: Cluster): void {
  const labels = {
    ...{ "kubernetes.io/hostname": nodeName, "kubernetes.io/os": "linux" },
    "kubernetes.io/arch": architecture,
  };
  const node = createObject(cluster, nodes, { metadata: { name: nodeName, labels } }, undefined);
  cluster.store.insert(nodes, { ...node, status: toStatus(cluster) });
}

/** As Go names it. */
const architecture = arch() === "x64" ? "amd64" : arch();

function toStatus(cluster: Cluster): object {
  const time = toTime(now(cluster));
  const capacity = {
    cpu: String(availableParallelism()),
    memory: `${Math.floor(totalmem() / 1_024)}Ki`,
    pods: String(cluster.settings.maximumPods),
  };
  return {
    conditions: [
      {
        ...{
          type: "Ready",
          status: "True",
          reason: "KubeletReady",
          message: "kubelet is posting ready status",
        },
        ...{ lastHeartbeatTime: time, lastTransitionTime: time },
      },
    ],
    ...{ capacity, allocatable: capacity },
    addresses: [
      { type: "InternalIP", address: "127.0.0.1" },
      { type: "Hostname", address: nodeName },
    ],
    nodeInfo: {
      ...{ kubeletVersion: serverVersion, kernelVersion: release(), osImage: "this machine" },
      ...{ operatingSystem: "linux", architecture, containerRuntimeVersion: "processes://1" },
    },
  };
}
