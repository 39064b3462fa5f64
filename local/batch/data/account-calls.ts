import { jsonResponse } from "../../web-server.ts";
import type { BatchNode, Json, NodeState, Pool } from "../account.ts";
import type { Call } from "./call.ts";
import { toPage } from "./odata.ts";

/** What the account says of itself. https://learn.microsoft.com/rest/api/batchservice/account */

export const listNodeCounts: Call = ({ account, request }) => {
  const counts = [...account.pools.values()].map((pool) => ({
    poolId: pool.id,
    dedicated: toCounts(pool, "dedicated"),
    lowPriority: toCounts(pool, "spot"),
  }));
  return jsonResponse(200, toPage(request.url, counts));
};

function toCounts(pool: Pool, kind: BatchNode["kind"]): Json {
  const states = [...pool.nodes.values()].filter((node) => node.kind === kind).map(({ state }) => state);
  const count = (wanted: NodeState): number => states.filter((state) => state === wanted).length;
  return {
    ...{ creating: 0, offline: 0, rebooting: 0, reimaging: 0, unknown: 0 },
    idle: count("idle"),
    preempted: count("preempted"),
    running: count("running"),
    starting: count("starting"),
    startTaskFailed: count("starttaskfailed"),
    leavingPool: count("leavingpool"),
    unusable: count("unusable"),
    waitingForStartTask: count("waitingforstarttask"),
    total: states.length,
  };
}

/** A few of those Azure has; a pool here takes any. */
export const listImages: Call = ({ request }) =>
  jsonResponse(
    200,
    toPage(request.url, [
      toImage("canonical:0001-com-ubuntu-server-jammy:22_04-lts", "batch.node.ubuntu 22.04", []),
      toImage("canonical:ubuntu-24_04-lts:server", "batch.node.ubuntu 24.04", []),
      toImage("microsoft-dsvm:ubuntu-hpc:2204", "batch.node.ubuntu 22.04", ["DockerCompatible"]),
    ]),
  );

function toImage(name: string, nodeAgentSKUId: string, capabilities: readonly string[]): Json {
  const [publisher, offer, sku] = name.split(":");
  return {
    nodeAgentSKUId,
    imageReference: { publisher, offer, sku, version: "latest" },
    ...{ osType: "linux", capabilities, verificationType: "verified" },
  };
}
