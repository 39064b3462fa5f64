import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { sendCallback } from "../../../activities/send-callback.ts";
import { holdToken } from "../../../functions/edge/hold-token.ts";
import { sweepCallback } from "../../../functions/edge/sweep-callback.ts";
import { Failure } from "../../../model/failures.ts";
import type { RunId } from "../../../model/ids.ts";
import type { Run } from "../../../model/run.ts";
import type { Services } from "../../../services/services.ts";
import { createTrustedCertificates } from "../../local/trusted-certificates.ts";
import { type AzureDevOps, sampleAddress, startAzureDevOps } from "../../support/azure-devops.ts";
import { newRunId, sampleTime } from "../../support/sample-run.ts";
import { sampleTargets, storeRun } from "../../support/stored-run.ts";
import { type StandIns, startStandIns } from "../../support/stand-ins.ts";

let standIns: StandIns;
let devOps: AzureDevOps;
let services: Services;
const now = new Date(sampleTime);

beforeAll(async () => {
  standIns = await startStandIns({ storage: true });
  devOps = await startAzureDevOps(await createTrustedCertificates());
  services = standIns.newServices({ CALLBACK_ALLOW_LIST: [devOps.planUrl] });
});
beforeEach(() => {
  devOps.calls.length = 0;
});
afterAll(async () => {
  await devOps.stop();
  await standIns.stop();
});

async function storeAwaited(state: Run["state"]): Promise<RunId> {
  const callback = { state: "pending", address: sampleAddress(devOps.planUrl) } as const;
  const { id } = await storeRun(services, sampleTargets(1), { state, callback });
  await services.callbacks.keep(id, "token");
  return id;
}

const stateOf = async (id: RunId): Promise<string | undefined> =>
  (await services.runs.read(id))?.callback?.state;

describe("a token that is still kept", () => {
  it("is used and deleted when its run has ended", async () => {
    const id = await storeAwaited("completedWithErrors");
    await sweepCallback(services, id, now);
    expect(await stateOf(id)).toBe("sent");
    expect(devOps.calls.at(-1)?.body).toMatchObject({ name: "TaskCompleted", result: "failed" });
    expect(await services.callbacks.list()).toEqual([]);
  });

  it("stays while its run goes on", async () => {
    const id = await storeAwaited("running");
    await sweepCallback(services, id, now);
    expect(devOps.calls).toEqual([]);
    expect(await services.callbacks.list()).toEqual([id]);
    await services.callbacks.forget(id);
  });

  it("of no run at all is deleted after an hour", async () => {
    const id = newRunId(now);
    await services.callbacks.keep(id, "token");
    await sweepCallback(services, id, new Date(now.getTime() + 3_600_000));
    expect(await services.callbacks.list()).toEqual([id]);
    await sweepCallback(services, id, new Date(now.getTime() + 3_601_000));
    expect(await services.callbacks.list()).toEqual([]);
  });
});

describe("telling a job", () => {
  it("is done once, however often it is asked for", async () => {
    const id = await storeAwaited("succeeded");
    for (const _ of [1, 2]) await sendCallback(services, () => now, { runId: id });
    const events = devOps.calls.filter(({ path }) => path.includes("/events"));
    expect(events.map(({ body }) => body)).toEqual([expect.objectContaining({ result: "succeeded" })]);
  });

  it("is asked for again where the vault refuses: nothing is remembered, the token stays", async () => {
    const id = await storeAwaited("succeeded");
    standIns.vault.assign([]);
    await expect(sendCallback(services, () => now, { runId: id })).rejects.toMatchObject({
      code: "SecretForbidden",
    });
    standIns.vault.assign([{ clientId: standIns.functionApp.clientId, permissions: "readWrite" }]);
    expect(await stateOf(id)).toBe("pending");
    await sendCallback(services, () => now, { runId: id });
    expect(await stateOf(id)).toBe("sent");
  });

  it("does not happen where the token is gone, and that is said", async () => {
    const id = await storeAwaited("succeeded");
    await services.callbacks.forget(id);
    await sendCallback(services, () => now, { runId: id });
    expect((await services.runs.read(id))?.callback).toMatchObject({
      state: "failed",
      failure: { code: "SecretMissing" },
    });
  });
});

describe("a run that does not begin", () => {
  it("leaves no token", async () => {
    const { id } = await storeRun(services, sampleTargets(1), {
      callback: { state: "pending", address: sampleAddress(devOps.planUrl) },
    });
    const failure = new Failure("ServiceUnavailable", "no orchestration");
    const seen: unknown[] = [];
    const starting = holdToken(services, id, "token", async () => {
      seen.push(await services.callbacks.list());
      throw failure;
    });
    await expect(starting).rejects.toBe(failure);
    expect(seen).toEqual([[id]]);
    expect(await services.callbacks.list()).toEqual([]);
    expect(await stateOf(id)).toBe("failed");
    expect(devOps.calls).toEqual([]);
  });
});
