import { inspect } from "node:util";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { SecretName } from "../../../model/secrets.ts";
import { createCallbacks } from "../../../services/callback/create-callbacks.ts";
import { createCredential } from "../../../services/identity/create-credential.ts";
import type { Callbacks } from "../../../services/services.ts";
import { createTrustedCertificates } from "../../local/trusted-certificates.ts";
import { type AzureDevOps, sampleAddress, startAzureDevOps } from "../../support/azure-devops.ts";
import { newRunId } from "../../support/sample-run.ts";
import { type StandIns, startStandIns } from "../../support/stand-ins.ts";

const token = "canary-token-of-a-job";
const message = { result: "succeeded", line: "all is well" } as const;
let standIns: StandIns;
let devOps: AzureDevOps;
let callbacks: Callbacks;

const open = (allowList: readonly string[], vaultUrl = standIns.vault.url): Callbacks =>
  createCallbacks({
    ...{ vaultUrl, allowList },
    verifyChallenge: false,
    credential: createCredential({ AZURE_CLIENT_ID: standIns.functionApp.clientId }),
    firstDelay: 5,
  });

beforeAll(async () => {
  standIns = await startStandIns();
  devOps = await startAzureDevOps(await createTrustedCertificates());
  callbacks = open([devOps.planUrl]);
});
beforeEach(() => {
  devOps.calls.length = 0;
  devOps.answers.length = 0;
});
afterAll(async () => {
  await devOps.stop();
  await standIns.stop();
});

const sent = (runId = newRunId()): Promise<unknown> =>
  callbacks
    .keep(runId, token)
    .then(() => callbacks.send(runId, sampleAddress(devOps.planUrl), message))
    .catch((error: unknown) => error);

describe("a job's token", () => {
  it("is kept until it is forgotten, and nothing of it stays, not even to be recovered", async () => {
    const [runId, other] = [newRunId(), newRunId()];
    await callbacks.keep(runId, token);
    await callbacks.keep(other, token);
    expect(await callbacks.list()).toEqual(expect.arrayContaining([runId, other]));
    await callbacks.forget(runId);
    await callbacks.forget(runId);
    expect(await callbacks.list()).not.toContain(runId);
    // A name that could still be recovered could not be written again.
    await callbacks.keep(runId, token);
    await callbacks.forget(runId);
    await callbacks.forget(other);
    expect(await callbacks.list()).toEqual([]);
  });

  it("is not among the secrets of the fleet", async () => {
    const runId = newRunId();
    await callbacks.keep(runId, token);
    const { secrets } = standIns.newServices();
    expect(JSON.stringify(await secrets.list())).not.toContain(runId);
    expect(SecretName.safeParse(`callback-${runId}`).success).toBe(false);
    await callbacks.forget(runId);
  });

  it("is not in what is said about a vault that does not let us", async () => {
    standIns.vault.assign([]);
    const failure: unknown = await callbacks.keep(newRunId(), token).catch((error: unknown) => error);
    standIns.vault.assign([{ clientId: standIns.functionApp.clientId, permissions: "readWrite" }]);
    expect(failure).toMatchObject({ code: "SecretForbidden" });
    expect(inspect(failure, { depth: 9 })).not.toContain("canary");
  });
});

describe("the end of a run", () => {
  it("is posted as the task's, with a line in the job's log before", async () => {
    expect(await sent()).toBeUndefined();
    const plan =
      "/fabrikam/00000000-0000-4000-8000-000000000001/_apis/distributedtask/hubs/build/plans/00000000-0000-4000-8000-000000000002";
    const job = "00000000-0000-4000-8000-000000000003";
    expect(devOps.calls).toEqual([
      {
        path: `${plan}/timelines/00000000-0000-4000-8000-000000000004/records/${job}/feed?api-version=4.1`,
        authorization: `Bearer ${token}`,
        body: { value: ["all is well"], count: 1 },
      },
      {
        path: `${plan}/events?api-version=2.0-preview.1`,
        authorization: `Bearer ${token}`,
        body: {
          name: "TaskCompleted",
          taskId: "00000000-0000-4000-8000-000000000005",
          jobId: job,
          result: "succeeded",
        },
      },
    ]);
  });

  it("is posted again while Azure DevOps is in trouble", async () => {
    devOps.answers.push(503, 429, 500);
    expect(await sent()).toBeUndefined();
    expect(devOps.answers).toEqual([]);
  });

  it.each([
    [302, "CallbackRefused"],
    [203, "CallbackRefused"],
    [401, "CallbackRefused"],
    [404, "CallbackRefused"],
  ])("is posted once where the answer is %i, which is followed nowhere", async (status, code) => {
    devOps.answers.push(status);
    const failure = await sent();
    expect(failure).toMatchObject({ code, message: expect.stringContaining(String(status)) });
    expect(inspect(failure, { depth: 9 })).not.toContain("canary");
    expect(devOps.calls).toHaveLength(2);
  });

  it("is given up after a while", async () => {
    devOps.answers.push(...Array.from({ length: 6 }, () => 503));
    expect(await sent()).toMatchObject({ code: "CallbackUnanswered", message: "Azure DevOps answered 503." });
    expect(devOps.answers).toEqual([]);
  });

  it("is given up where nobody answers, and where there is no token", async () => {
    const gone = await startAzureDevOps();
    await gone.stop();
    const to = open([gone.planUrl]);
    const runId = newRunId();
    const send = (): Promise<unknown> =>
      to.send(runId, sampleAddress(gone.planUrl), message).catch((error: unknown) => error);
    expect(await send()).toMatchObject({ code: "SecretMissing" });
    await to.keep(runId, token);
    expect(await send()).toMatchObject({
      code: "CallbackUnanswered",
      message: expect.stringContaining("ECONNREFUSED"),
    });
  });

  it("is posted to no address outside the allow-list, whatever the row says", async () => {
    const runId = newRunId();
    await callbacks.keep(runId, token);
    const narrowed = open(["https://dev.azure.com/"]);
    await expect(narrowed.send(runId, sampleAddress(devOps.planUrl), message)).rejects.toMatchObject({
      code: "CallbackNotAllowed",
    });
    expect(devOps.calls).toEqual([]);
  });
});
