import { jsonResponse, type WebResponse } from "../../web-server.ts";
import { changeStatus, hasEnded, now, withCondition } from "../cluster.ts";
import { deleteObject } from "../delete-object.ts";
import type { Pod } from "../objects.ts";
import { pods } from "../resources.ts";
import { type Call, findObject } from "./call.ts";

/** POST of an eviction, as `kubectl drain` and the cluster's autoscaler send it. No disruption budget is kept. */
export function evictPod(call: Call): WebResponse {
  const { cluster } = call;
  const pod = findObject(call) as Pod;
  const condition = {
    ...{ type: "DisruptionTarget", status: "True" as const, reason: "EvictionByEvictionAPI" },
    message: "Eviction API: evicting",
  };
  if (!hasEnded(pod)) {
    const conditions = withCondition(pod.status.conditions, condition, now(cluster));
    changeStatus(cluster, pod, { conditions });
  }
  deleteObject(cluster, pods, pod);
  return jsonResponse(201, { kind: "Status", apiVersion: "v1", metadata: {}, status: "Success" });
}
