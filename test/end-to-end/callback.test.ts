import { appendFile, readFile } from "node:fs/promises";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { askAs } from "../services/identity/ask-as.ts";
import { type AzureDevOps, sampleAddress, startAzureDevOps, toTaskHeaders } from "../support/azure-devops.ts";
import { readFiles, readProcesses } from "../support/places.ts";
import { isOver, type RunReply, startTestStack, type TestStack } from "../support/test-stack.ts";

const token = "eyJ.canary-of-a-waiting-job.x";
let stack: TestStack;
let devOps: AzureDevOps;

beforeAll(async () => {
  devOps = await startAzureDevOps();
  const settings = { CALLBACK_ALLOW_LIST: `https://dev.azure.com/ ${devOps.planUrl}` };
  stack = await startTestStack({ databases: 2, servers: 1, settings });
  // The host trusts what it finds in this file when it starts.
  await appendFile(stack.file.ca, devOps.ca);
  await stack.restartHost();
  setDefaultCACertificates([...getCACertificates("default"), await readFile(stack.file.ca, "utf8")]);
  await stack.upload("works", "INSERT INTO dbo.TransactionTest VALUES ('callback', NEWID(), GETDATE());");
  await stack.upload("fails", "INSERT INTO dbo.NoSuchTable VALUES (1);");
}, 60_000);
beforeEach(() => {
  devOps.calls.length = 0;
});
afterAll(async () => {
  await stack.stop();
  await devOps.stop();
});

interface AwaitedRun extends RunReply {
  readonly callback?: { readonly state: string; readonly failure?: { readonly code: string } };
}

/** Posts a run as the task of a server job does. */
function post(name: string, headers = toTaskHeaders(sampleAddress(devOps.planUrl), token)) {
  const [database] = stack.databases;
  const cfg = `${database?.server ?? ""}:client,${database?.name ?? ""}`;
  const compute = { kind: "batch", nodes: 1 };
  const document = { package: name, targets: { cfg }, compute, callback: true };
  return stack.call("POST", "/runs", JSON.stringify(document), headers);
}

const untilTold = async (id: unknown): Promise<AwaitedRun> => {
  const told = ({ callback }: AwaitedRun): boolean => callback !== undefined && callback.state !== "pending";
  return stack.until(String(id), (run) => isOver(run) && told(run));
};

const results = (): readonly unknown[] =>
  devOps.calls
    .filter(({ path }) => path.includes("/events"))
    .map(({ authorization, body }) => [authorization, (body as { result: string }).result]);

describe("a server job that waits", () => {
  it("is told that its run succeeded, or did not; the token is then nowhere", async () => {
    for (const [name, result] of [
      ["works", "succeeded"],
      ["fails", "failed"],
    ] as const) {
      devOps.calls.length = 0;
      const { status, body } = await post(name);
      expect(status).toBe(202);
      expect(body).toMatchObject({ callback: { state: "pending" } });
      // What a task is answered is in the job's log: no link with a key of the host.
      expect(body).not.toHaveProperty("durable");
      const run = await untilTold(body["id"]);
      expect(run.callback).toMatchObject({ state: "sent" });
      expect(results()).toEqual([[`Bearer ${token}`, result]]);
      const lines = devOps.calls.flatMap(({ body }) => (body as { value?: readonly string[] }).value ?? []);
      expect(lines.join()).toMatch(/^sqlfleet run .* of 1 targets succeeded\.$/);
    }
    const places = [
      ...(await readFiles(stack.folder)),
      { place: "command lines", content: await readProcesses("cmdline") },
      { place: "environments", content: await readProcesses("environ") },
      { place: "the host's log", content: stack.output.join("\n") },
      { place: "the audit", content: (await stack.call("GET", "/audit")).text },
      { place: "the runs", content: (await stack.call("GET", "/runs")).text },
    ];
    expect(places.length).toBeGreaterThan(10);
    expect(
      places.filter(({ content }) => content.includes("canary-of-a-waiting")).map(({ place }) => place),
    ).toEqual([]);
  }, 120_000);

  it("has its token in a vault that a worker may not read", async () => {
    const { body } = await post("works");
    const asked = async (path: string, role: "functionApp" | "worker"): Promise<number> => {
      const env = { ...stack.file.identity[role], NODE_EXTRA_CA_CERTS: stack.file.ca };
      const answer = await askAs(env);
      const authorization = `Bearer ${"token" in answer ? answer.token : ""}`;
      const url = `${stack.file.callbackVault}${path}?api-version=7.6`;
      return (await fetch(url, { headers: { authorization } })).status;
    };
    const secret = `/secrets/callback-${String(body["id"])}`;
    expect(await asked(secret, "worker")).toBe(403);
    expect(await asked("/secrets", "worker")).toBe(403);
    expect(await asked("/secrets", "functionApp")).toBe(200);
    await untilTold(body["id"]);
    expect(await asked(secret, "functionApp")).toBe(404);
    expect(await asked(`/deleted${secret.slice(1)}`, "functionApp")).toBe(404);
  }, 60_000);

  it("does not change its run by not listening", async () => {
    devOps.answers.push(404);
    const { body } = await post("works");
    const run = await untilTold(body["id"]);
    expect(run).toMatchObject({
      state: "succeeded",
      callback: { state: "failed", failure: { code: "CallbackRefused" } },
    });
    expect(run.failure).toBeUndefined();
  }, 60_000);

  it("has a sweep, which leaves those alone that are told", async () => {
    expect((await sweep()).status).toBe(202);
    expect(devOps.calls).toEqual([]);
    expect(stack.output.join("\n")).not.toMatch(/sweepCallbacks.*(failed|threw)/i);
  });

  it.each([
    [
      "an address outside the allow-list",
      403,
      "CallbackNotAllowed",
      { PlanUrl: "https://dev.azure.com.evil/x/" },
    ],
    ["another scheme", 403, "CallbackNotAllowed", { PlanUrl: "http://dev.azure.com/x/" }],
    ["no address", 400, "CallbackInvalid", { PlanUrl: "" }],
    ["no token", 400, "CallbackInvalid", { AuthToken: "" }],
    ["a plan that is no id", 400, "CallbackInvalid", { PlanId: "../x" }],
  ])("is refused with %s, before anything is made", async (_, status, code, wrong) => {
    const headers = { ...toTaskHeaders(sampleAddress(devOps.planUrl), token), ...wrong };
    const before = (await stack.call("GET", "/runs")).text;
    const reply = await post("works", headers);
    expect(reply).toMatchObject({ status, body: { error: { code } } });
    expect(reply.text).not.toContain("canary");
    expect((await stack.call("GET", "/runs")).text).toBe(before);
    expect(devOps.calls).toEqual([]);
  });

  it("is told nothing where the run document does not ask: the task sends its headers in any case", async () => {
    const [database] = stack.databases;
    const document = {
      package: "works",
      targets: { cfg: `${database?.server ?? ""}:client,${database?.name ?? ""}` },
    };
    const headers = toTaskHeaders(sampleAddress("https://elsewhere.example/"), token);
    const { status, body } = await stack.call("POST", "/runs", JSON.stringify(document), headers);
    expect(status).toBe(202);
    const run: AwaitedRun = await stack.until(String(body["id"]), isOver);
    expect(run.callback).toBeUndefined();
    expect(devOps.calls).toEqual([]);
  }, 60_000);
});

function sweep(): Promise<Response> {
  const url = stack.file.api.replace("/api", "/admin/functions/sweepCallbacks");
  const headers = { "x-functions-key": stack.file.masterKey, "content-type": "application/json" };
  return fetch(url, { method: "POST", headers, body: "{}" });
}
