import { readdir } from "node:fs/promises";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { SecretClient } from "@azure/keyvault-secrets";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { type RunningKeyVault, startKeyVault } from "../../../local/key-vault/server.ts";
import type { ComputeHandle } from "../../../model/activities.ts";
import type { RunId } from "../../../model/ids.ts";
import type { FunctionSettings } from "../../../model/settings.ts";
import type { Compute } from "../../../services/services.ts";
import { patience } from "../../local/kubernetes/local-kubernetes.ts";
import { later, type LocalCompute, startLocalCompute, untilFailed } from "./local-compute.ts";

const names = ["UserName", "Password", "EventHubConnectionString", "BatchAccountKey"];
const readingWorker = fileURLToPath(new URL("reading-worker.ts", import.meta.url));
let compute: LocalCompute;
let vault: RunningKeyVault;
let client: SecretClient;

beforeAll(async () => {
  compute = await startLocalCompute({
    vaultUrl: () => vault.url,
    federatedSubjects: ["system:serviceaccount:jobs:sqlfleet-worker"],
  });
  const { identity, operator, worker, tls } = compute.local;
  vault = await startKeyVault({
    tls,
    verifyToken: identity.verifyToken,
    access: [
      { clientId: operator.clientId, permissions: "readWrite" },
      { clientId: worker.clientId, permissions: "read" },
    ],
    authority: `${identity.authorityHost}/${identity.tenantId}`,
  });
  const options = { disableChallengeResourceVerification: true };
  client = new SecretClient(vault.url, compute.local.credential(), options);
  for (const name of names) await client.setSecret(name, `canary-${name}`);
});
afterAll(async () => {
  await compute.local.stop();
  await vault.stop();
});

/** What Storage and Service Bus are opened with is the worker's identity: their secrets are not in this vault. */
const settings = (): Partial<FunctionSettings> => ({
  KUBERNETES_SECRETS: "csi",
  AZURE_TENANT_ID: compute.local.identity.tenantId,
  WORKER_IDENTITY_CLIENT_ID: compute.local.worker.clientId,
  STORAGE_ACCOUNT_NAME: "account",
  SERVICE_BUS_NAMESPACE: "namespace",
  // Of the vault that the driver asks; a worker that asked it itself would get no answer.
  KEY_VAULT_URL: "https://fleet.vault.invalid",
  WORKER_COMMAND: `${process.execPath} ${readingWorker} ${names.join(" ")}`,
});

const untilLog = (opened: Compute, runId: RunId, lines: number): Promise<string> =>
  vi.waitFor(async () => {
    for await (const { content } of opened.outputs(runId, 1)) {
      const log = await text(content);
      expect(log.trim().split("\n")).toHaveLength(lines);
      return log;
    }
    throw new Error("nobody wrote anything");
  }, patience);

const volumesOf = async ({ jobId }: ComputeHandle): Promise<readonly string[]> => {
  const all = await readdir(compute.local.podsFolder, { recursive: true });
  return all.filter((path) => path.startsWith(jobId) && path.includes("volumes/secrets"));
};

describe("a worker whose secrets are mounted", () => {
  test("reads them from files, what a run needs and no more; they go with the pod", async () => {
    const opened = compute.open(settings());
    const { handle, runId, release } = await compute.launch(opened, 1);
    expect(await untilLog(opened, runId, names.length)).toBe(
      [
        `UserName: ${"canary-UserName".length} characters`,
        `Password: ${"canary-Password".length} characters`,
        `EventHubConnectionString: ${"canary-EventHubConnectionString".length} characters`,
        "BatchAccountKey: SecretMissing\n",
      ].join("\n"),
    );
    expect((await volumesOf(handle)).map((path) => path.replace(/.*\//, "")).sort()).toEqual([
      ...["EventHubConnectionString", "Password", "UserName", "secrets"],
    ]);
    compute.local.kubernetes.evict(compute.workersOf(handle)[0]!);
    await vi.waitFor(async () => {
      const { losses } = await opened.state(handle);
      expect(losses).toHaveLength(1);
      const left = await volumesOf(handle);
      expect(left.filter((path) => path.startsWith(losses[0]!.worker))).toEqual([]);
    }, patience);
    await release();
    await vi.waitFor(async () => {
      expect(await volumesOf(handle)).toEqual([]);
    }, patience);
  });

  test("that logs in to the databases by identity has no password mounted", async () => {
    const opened = compute.open(settings());
    const { runId, release } = await compute.launch(opened, 1, { kind: "ManagedIdentity" });
    expect(await untilLog(opened, runId, names.length)).toMatch(
      /^UserName: SecretMissing\nPassword: SecretMissing\nEventHubConnectionString: \d+ characters/,
    );
    await release();
  });

  test("waits while one of them is not in the vault, and starts when it is", async () => {
    const opened = compute.open({ ...settings(), SERVICE_BUS_NAMESPACE: undefined });
    const { handle, runId, release } = await compute.launch(opened, 1);
    const why =
      /^Pod run-\S+ cannot mount its volumes: FailedMount: MountVolume\.SetUp failed .*objectName:ServiceBusTopicConnectionString.*SecretNotFound/;
    await untilFailed(compute.open({}, later), handle, "PodNotStartable", why);
    expect((await opened.state(handle)).state).toBe("starting");
    await client.setSecret("ServiceBusTopicConnectionString", "canary");
    await untilLog(opened, runId, names.length);
    await release();
  });

  test.each([
    [
      "whose identity may not read the vault",
      {},
      () => {
        vault.assign([]);
      },
      /ForbiddenByRbac/,
    ],
    [
      "of an identity that does not trust the cluster",
      { WORKER_IDENTITY_CLIENT_ID: "6d1c1a0e-1111-4222-8333-444455556666" },
      undefined,
      /failed to acquire token: .*AADSTS700016/,
    ],
    [
      "of another tenant",
      { AZURE_TENANT_ID: "11111111-1111-1111-1111-111111111111" },
      undefined,
      /AADSTS90002/,
    ],
  ] as const)("%s is told of", async (_, other, prepare, why) => {
    prepare?.();
    const { handle, release } = await compute.launch(compute.open({ ...settings(), ...other }), 1);
    await untilFailed(compute.open({}, later), handle, "PodNotStartable", why);
    await release();
  });
});
