import { expect, vi } from "vitest";
import type { WebFault } from "../../../local/web-server.ts";
import type { ComputeHandle } from "../../../model/activities.ts";
import type { FailureCode } from "../../../model/failures.ts";
import type { RunId } from "../../../model/ids.ts";
import type { RunPlan } from "../../../model/run-document.ts";
import { FunctionSettings, parseSettings } from "../../../model/settings.ts";
import { createKubernetes } from "../../../services/kubernetes/create-kubernetes.ts";
import type { Compute } from "../../../services/services.ts";
import {
  type LocalKubernetes,
  type LocalOptions,
  patience,
  startLocalKubernetes,
} from "../../local/kubernetes/local-kubernetes.ts";
import { newRunId, sampleRun } from "../../support/sample-run.ts";

/** Settings as a deployment would have them. */
export const sampleSettings = (other: Partial<FunctionSettings> = {}): FunctionSettings => ({
  ...parseSettings(FunctionSettings, {
    KEY_VAULT_URL: "https://fleet.vault.azure.net",
    AZURE_SUBSCRIPTION_ID: "s",
    AZURE_RESOURCE_GROUP: "g",
    WORKER_IMAGE: "registry.example/sqlfleet/worker:1",
    WORKER_COMMAND: "sleep 600",
    WORKER_IDENTITY_CLIENT_ID: "6d1c1a0e-1111-4222-8333-444455556666",
    WORKER_GRACE_SECONDS: "1",
  }),
  KUBERNETES_NAMESPACE: "jobs",
  ...other,
});

/** Settings of a Function App whose cluster is this one. */
export const settingsFor = (
  { kubernetes, ca }: LocalKubernetes,
  other: Partial<FunctionSettings> = {},
): FunctionSettings =>
  sampleSettings({
    KUBERNETES_API_SERVER: kubernetes.url,
    KUBERNETES_CA_DATA: Buffer.from(ca).toString("base64"),
    ...other,
  });

/** A cluster, and the product's port to it. */
export interface LocalCompute {
  readonly local: LocalKubernetes;
  /** Paths of all requests so far. */
  readonly asked: string[];
  open(settings?: Partial<FunctionSettings>, now?: () => Date, who?: LocalKubernetes["operator"]): Compute;
  /** The pods of a job that have a process at this moment. */
  workersOf(handle: ComputeHandle): ReturnType<LocalKubernetes["kubernetes"]["running"]>;
  /** Launches one round of so many pods. */
  launch(compute: Compute, pods: number, auth?: RunPlan["auth"]): Promise<Launched>;
}

interface Launched {
  readonly handle: ComputeHandle;
  readonly runId: RunId;
  readonly release: () => Promise<void>;
}

export async function startLocalCompute(more: LocalOptions = {}): Promise<LocalCompute> {
  const asked: string[] = [];
  const fault: WebFault = (request) => {
    asked.push(request.url.pathname);
    return more.fault?.(request);
  };
  const local = await startLocalKubernetes({ ...more, fault });
  return {
    ...{ local, asked },
    open: (settings = {}, now, who) =>
      createKubernetes(local.credential(who), settingsFor(local, settings), now),
    workersOf: ({ jobId }) => local.kubernetes.running().filter(({ labels }) => labels["job-name"] === jobId),
    launch: async (compute, pods, auth = { kind: "Password" }) => {
      const runId = newRunId();
      const handle = await compute.launch(runId, { ...toPlan(pods), auth }, 1);
      return { handle, runId, release: () => compute.release(runId, 1) };
    },
  };
}

export const toPlan = (pods: number): RunPlan => ({
  ...sampleRun(newRunId(), 1).plan,
  compute: { kind: "kubernetes", pods },
});

/** WORKER_COMMAND is split at spaces: a script for it has none. */
export const toCommand = (script: string): string => `sh -c ${script.replaceAll(" ", "${IFS}")}`;

/** Long after anything was to be waited for. */
export const later = (): Date => new Date(Date.now() + 3_600_000);

/** Waits until a look at the workers ends in this failure. */
export function untilFailed(
  compute: Compute,
  handle: ComputeHandle,
  code: FailureCode,
  message: RegExp,
): Promise<void> {
  return vi.waitFor(async () => {
    const failure = { code, message: expect.stringMatching(message) as string };
    await expect(compute.state(handle)).rejects.toMatchObject(failure);
  }, patience);
}
