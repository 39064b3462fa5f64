import type { Activities } from "../model/activities.ts";
import type { Clock } from "../model/clock.ts";
import type { Services } from "../services/services.ts";
import { advanceRun } from "./advance-run.ts";
import { collectLogs } from "./collect-logs.ts";
import { collectOutputs } from "./collect-outputs.ts";
import { enqueueTargets } from "./enqueue-targets.ts";
import { finishRun } from "./finish-run.ts";
import { launchCompute } from "./launch-compute.ts";
import { orderWorkers } from "./order-workers.ts";
import { releaseCompute } from "./release-compute.ts";
import { readProgress } from "./read-progress.ts";
import { recallResults } from "./recall-results.ts";
import { reconcileRun } from "./reconcile-run.ts";
import { sendCallback } from "./send-callback.ts";
import { stageRun } from "./stage-run.ts";

/** All a run may do outside, over the given services. Every activity is safe to repeat. */
export function createActivities(services: Services, clock: Clock): Activities {
  return {
    advanceRun: (input) => advanceRun(services, clock, input),
    stageRun: (input) => stageRun(services, input),
    enqueueTargets: (input) => enqueueTargets(services, input),
    launchCompute: (input) => launchCompute(services, input),
    readProgress: (input) => readProgress(services, clock, input),
    recallResults: (input) => recallResults(services, input),
    reconcileRun: (input) => reconcileRun(services, input),
    orderWorkers: (input) => orderWorkers(services, input),
    collectOutputs: (input) => collectOutputs(services, clock, input),
    releaseCompute: (input) => releaseCompute(services, input),
    releaseSubscription: ({ runId }) => services.topic.unsubscribe(runId),
    collectLogs: (input) => collectLogs(services, input),
    finishRun: (input) => finishRun(services, clock, input),
    sendCallback: (input) => sendCallback(services, clock, input),
  };
}
