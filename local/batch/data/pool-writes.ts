import { jsonBody } from "../../web-server.ts";
import { type Json, numberAt, type Pool, recordAt } from "../account.ts";
import { BatchError, notImitated } from "../errors.ts";
import { createPool, deletePool, findPool, updatePool } from "../pools.ts";
import type { Call, CallInput } from "./call.ts";
import { created, parseId } from "./job-calls.ts";

/** Pools made and changed through the data plane: without identities, which only Resource Manager assigns. */

export const addPool: Call = ({ account, request }) => {
  const given = jsonBody(request) ?? {};
  const id = parseId(given);
  if (account.pools.has(id)) throw new BatchError(409, "PoolExists", "The specified pool already exists.");
  const group = "/subscriptions/local/resourceGroups/local/providers/Microsoft.Batch";
  const resourceId = `${group}/batchAccounts/${account.settings.accountName}/pools/${id}`;
  const pool = createPool(account, { id, resourceId, given: toGiven(given), identities: [] });
  return created(account, `pools/${id}`, pool.createdAt);
};

/** Only what is sent changes; a start task without a command line is none. */
export const patchPool: Call = (input) => {
  const pool = findActive(input);
  const sent = Object.entries(jsonBody(input.request) ?? {});
  const changes = Object.fromEntries(sent.filter(([name]) => patchable.includes(name))) as Json;
  const isCleared = Object.keys(recordAt(changes, "startTask")).length === 0;
  const given = { ...pool.given, ...changes };
  if (isCleared && "startTask" in changes) delete given["startTask"];
  updatePool(input.account, pool, given);
  return { status: 200 };
};

const patchable = ["startTask", "metadata", "applicationPackageReferences", "targetNodeCommunicationMode"];

export const resizePool: Call = (input) => {
  const pool = findActive(input);
  if (pool.autoScale) throw notImitated("resizing a pool with a formula");
  const sizes = toFixedScale({ ...toSizes(pool), ...jsonBody(input.request) });
  updatePool(input.account, pool, { ...pool.given, scaleSettings: { fixedScale: sizes } });
  return { status: 202 };
};

export const removePool: Call = (input) => {
  deletePool(input.account, findActive(input));
  return { status: 202 };
};

/** @throws BatchError of a pool that is being deleted. */
function findActive({ account, ids }: CallInput): Pool {
  const pool = findPool(account, ids.pool);
  if (pool.state === "active") return pool;
  throw new BatchError(409, "PoolBeingDeleted", "The specified pool is being deleted.");
}

const toSizes = ({ target }: Pool): Json => ({
  targetDedicatedNodes: target.dedicated,
  targetLowPriorityNodes: target.spot,
});

/** The properties as Resource Manager groups them. */
function toGiven(sent: Json): Json {
  if (sent["cloudServiceConfiguration"] !== undefined) throw notImitated("pool.cloudServiceConfiguration");
  const virtualMachineConfiguration = sent["virtualMachineConfiguration"];
  const { id: _id, virtualMachineConfiguration: _machine, ...rest } = sent;
  const own = Object.entries(rest).filter(([name]) => !scale.includes(name));
  return {
    ...Object.fromEntries(own),
    ...(virtualMachineConfiguration !== undefined && {
      deploymentConfiguration: { virtualMachineConfiguration },
    }),
    scaleSettings: sent["enableAutoScale"] === true ? toAutoScale(sent) : { fixedScale: toFixedScale(sent) },
  };
}

const scale = [
  ...["targetDedicatedNodes", "targetLowPriorityNodes", "resizeTimeout", "nodeDeallocationOption"],
  ...["enableAutoScale", "autoScaleFormula", "autoScaleEvaluationInterval"],
];

const toAutoScale = (sent: Json): Json => ({
  autoScale: { formula: sent["autoScaleFormula"], evaluationInterval: sent["autoScaleEvaluationInterval"] },
});

const toFixedScale = (sent: Json): Json => ({
  targetDedicatedNodes: numberAt(sent, "targetDedicatedNodes") ?? 0,
  targetLowPriorityNodes: numberAt(sent, "targetLowPriorityNodes") ?? 0,
  ...(sent["resizeTimeout"] !== undefined && { resizeTimeout: sent["resizeTimeout"] }),
  ...(sent["nodeDeallocationOption"] !== undefined && {
    nodeDeallocationOption: sent["nodeDeallocationOption"],
  }),
});
