import { isSteady, type Json, type Pool, presentNodes } from "../account.ts";

/** A pool as Azure Resource Manager writes it. */
export function toManagementView(pool: Pool): Json {
  const created = new Date(pool.createdAt).toISOString();
  const modified = new Date(pool.modifiedAt).toISOString();
  return {
    id: pool.resourceId,
    name: pool.id,
    type: "Microsoft.Batch/batchAccounts/pools",
    etag: `W/"0x${pool.modifiedAt.toString(16).toUpperCase()}"`,
    ...(pool.identities.length > 0 ? { identity: toIdentity(pool) } : {}),
    properties: {
      taskSlotsPerNode: 1,
      currentNodeCommunicationMode: "Simplified",
      ...pool.given,
      creationTime: created,
      lastModified: modified,
      provisioningState: pool.state === "active" ? "Succeeded" : "Deleting",
      provisioningStateTransitionTime: created,
      allocationState: isSteady(pool) ? "Steady" : "Resizing",
      allocationStateTransitionTime: modified,
      currentDedicatedNodes: presentNodes(pool, "dedicated").length,
      currentLowPriorityNodes: presentNodes(pool, "spot").length,
      ...(pool.autoScale && { autoScaleRun: toRun(pool.autoScale.run) }),
      resizeOperationStatus: {
        targetDedicatedNodes: pool.target.dedicated,
        targetLowPriorityNodes: pool.target.spot,
        startTime: modified,
        ...(pool.resizeErrors.length > 0 ? { errors: pool.resizeErrors } : {}),
      },
    },
  };
}

function toRun({ at, results, error }: NonNullable<Pool["autoScale"]>["run"]): Json {
  return { evaluationTime: new Date(at).toISOString(), results, ...(error && { error }) };
}

function toIdentity(pool: Pool): Json {
  return {
    type: "UserAssigned",
    userAssignedIdentities: Object.fromEntries(pool.identities.map((id) => [id, {}])),
  };
}
