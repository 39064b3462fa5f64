import {
  type Account,
  type Attempt,
  type BatchNode,
  isSteady,
  type Job,
  type Json,
  type NodeProblem,
  type Pool,
  poolIdOf,
  presentNodes,
  recordAt,
  slotsOf,
  type Task,
} from "../account.ts";

/** The account's things as the data plane writes them. */

export const toTime = (milliseconds: number): string => new Date(milliseconds).toISOString();
export const toETag = (changedAt: number): string => `0x${changedAt.toString(16).toUpperCase()}`;

export function toJobView(account: Account, job: Job): Json {
  return {
    ...job.given,
    url: `${account.url}/jobs/${job.id}`,
    eTag: toETag(job.changedAt),
    lastModified: toTime(job.changedAt),
    creationTime: toTime(job.createdAt),
    state: job.state,
    stateTransitionTime: toTime(job.changedAt),
    priority: job.given["priority"] ?? 0,
    onAllTasksComplete: job.given["onAllTasksComplete"] ?? "noaction",
    executionInfo: {
      startTime: toTime(job.createdAt),
      poolId: poolIdOf(job),
      ...(job.endedAt === undefined
        ? {}
        : { endTime: toTime(job.endedAt), terminateReason: job.terminateReason }),
    },
  };
}

export function toTaskView(account: Account, task: Task): Json {
  const { attempt } = task;
  return {
    ...task.given,
    url: `${account.url}/jobs/${task.jobId}/tasks/${task.id}`,
    eTag: toETag(task.createdAt),
    creationTime: toTime(task.createdAt),
    lastModified: toTime(task.createdAt),
    state: task.state,
    stateTransitionTime: toTime(task.changedAt),
    requiredSlots: 1,
    executionInfo: toExecutionInfo(task),
    ...(attempt
      ? {
          nodeInfo: {
            affinityId: `TVM:${attempt.nodeId}`,
            nodeUrl: `${account.url}/pools/${attempt.poolId}/nodes/${attempt.nodeId}`,
            poolId: attempt.poolId,
            nodeId: attempt.nodeId,
            taskRootDirectory: `workitems/${task.jobId}/job-1/${task.id}`,
          },
        }
      : {}),
  };
}

function toExecutionInfo({ attempt, state, retries, requeues, requeuedAt, failure }: Task): Json {
  const end = state === "completed" ? toEnd(attempt) : {};
  return {
    ...(attempt ? { startTime: toTime(attempt.startedAt) } : {}),
    ...(state === "completed" ? { ...end, result: failure ? "failure" : "success" } : {}),
    ...(failure ? { failureInfo: { details: [], ...failure } } : {}),
    retryCount: retries,
    requeueCount: requeues,
    ...(requeuedAt === undefined ? {} : { lastRequeueTime: toTime(requeuedAt) }),
  };
}

function toEnd(attempt: Attempt | undefined): Json {
  const { endedAt, exitCode } = attempt ?? {};
  return {
    ...(endedAt === undefined ? {} : { endTime: toTime(endedAt) }),
    ...(exitCode === undefined ? {} : { exitCode }),
  };
}

export function toPoolView(account: Account, pool: Pool): Json {
  return {
    id: pool.id,
    url: `${account.url}/pools/${pool.id}`,
    eTag: toETag(pool.modifiedAt),
    lastModified: toTime(pool.modifiedAt),
    creationTime: toTime(pool.createdAt),
    state: pool.state,
    stateTransitionTime: toTime(pool.createdAt),
    allocationState: isSteady(pool) ? "steady" : "resizing",
    allocationStateTransitionTime: toTime(pool.modifiedAt),
    vmSize: String(pool.given["vmSize"]).toLowerCase(),
    ...recordAt(pool.given, "deploymentConfiguration"),
    currentDedicatedNodes: presentNodes(pool, "dedicated").length,
    currentLowPriorityNodes: presentNodes(pool, "spot").length,
    targetDedicatedNodes: pool.target.dedicated,
    targetLowPriorityNodes: pool.target.spot,
    resizeErrors: pool.resizeErrors.length > 0 ? pool.resizeErrors : undefined,
    ...toAutoScale(pool),
    displayName: pool.given["displayName"],
    metadata: pool.given["metadata"],
    networkConfiguration: pool.given["networkConfiguration"],
    startTask: pool.given["startTask"],
    taskSlotsPerNode: slotsOf(pool),
    targetNodeCommunicationMode: "simplified",
    currentNodeCommunicationMode: "simplified",
  };
}

function toAutoScale({ autoScale, given }: Pool): Json {
  if (!autoScale) return { enableAutoScale: false };
  const { formula, evaluationInterval } = recordAt(recordAt(given, "scaleSettings"), "autoScale");
  const { at, results, error } = autoScale.run;
  return {
    enableAutoScale: true,
    autoScaleFormula: formula,
    autoScaleEvaluationInterval: evaluationInterval ?? "PT15M",
    autoScaleRun: { timestamp: toTime(at), results, error },
  };
}

export function toNodeView(account: Account, pool: Pool, node: BatchNode): Json {
  return {
    id: node.id,
    url: `${account.url}/pools/${pool.id}/nodes/${node.id}`,
    state: node.state,
    schedulingState: "enabled",
    stateTransitionTime: toTime(node.changedAt),
    allocationTime: toTime(node.allocatedAt),
    affinityId: `TVM:${node.id}`,
    vmSize: String(pool.given["vmSize"]).toLowerCase(),
    isDedicated: node.kind === "dedicated",
    runningTasksCount: node.attempts.size,
    runningTaskSlotsCount: node.attempts.size,
    errors: node.problem && [toNodeError(node.problem)],
    startTaskInfo: node.startTask && toStartTaskInfo(node.startTask),
  };
}

function toNodeError({ code, message, details }: NodeProblem): Json {
  return { code, message, errorDetails: details ?? [] };
}

function toStartTaskInfo({
  startedAt,
  endedAt,
  retries,
  exitCode,
  failure,
}: NonNullable<BatchNode["startTask"]>): Json {
  return {
    state: "completed",
    startTime: toTime(startedAt),
    endTime: toTime(endedAt),
    retryCount: retries,
    exitCode,
    failureInfo: failure,
    result: failure ? "failure" : "success",
  };
}
