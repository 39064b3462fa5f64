import type { FunctionSettings } from "../../model/settings.ts";
import type { TokenCredential } from "@azure/core-auth";
import type { Clock } from "../../model/clock.ts";
import { toJobId } from "../../model/ids.ts";
import { guard } from "../guard.ts";
import type { Compute } from "../services.ts";
import { applyManifests } from "./apply-manifests.ts";
import { type Clients, connect } from "./connect.ts";
import { deleteJob } from "./delete-job.ts";
import { toKubernetesFailure } from "./kubernetes-errors.ts";
import { planManifests, toGraceSeconds } from "./plan-manifests.ts";
import { readOutputs } from "./read-outputs.ts";
import { readState } from "./read-state.ts";

/** What a pod that has had its grace time still takes to be gone, in seconds. */
const marginSeconds = 15;

/** Kubernetes: one Job per round of a run, each of its pods a worker. */
export function createKubernetes(
  credential: TokenCredential,
  settings: FunctionSettings,
  now: Clock = () => new Date(),
): Compute {
  let opened: Clients | undefined;
  const clients = async (): Promise<Clients> => (opened ??= await connect(settings, credential));
  const namespace = settings.KUBERNETES_NAMESPACE;
  const patience = (toGraceSeconds(settings) + marginSeconds) * 1_000;

  return guard<Compute>("Kubernetes", {
    launch: (runId, plan, round) =>
      translated(async () => {
        const pods = plan.compute.kind === "kubernetes" ? plan.compute.pods : 1;
        const manifests = planManifests(settings, { runId, round, pods, login: plan.auth.kind });
        await applyManifests(await clients(), namespace, manifests);
        return { kind: "kubernetes", jobId: toJobId(runId, round) };
      }),
    state: ({ jobId }) =>
      translated(async () => {
        const pendingSeconds = settings.KUBERNETES_PENDING_SECONDS;
        return readState(await clients(), { namespace, jobId }, { now: now(), pendingSeconds });
      }),
    async *outputs(runId, round) {
      try {
        yield* readOutputs(await clients(), { namespace, jobId: toJobId(runId, round) });
      } catch (error) {
        throw toKubernetesFailure(error);
      }
    },
    release: (runId, round) =>
      translated(async () =>
        deleteJob(await clients(), { namespace, jobId: toJobId(runId, round) }, patience),
      ),
  });
}

async function translated<T>(act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    throw toKubernetesFailure(error);
  }
}
