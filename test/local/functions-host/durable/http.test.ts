import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { HttpRequest } from "@azure/functions";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createManualClock } from "../manual-clock.ts";
import { run, startApp, systemKey, type TestApp, waitForEnd, waitForStatus } from "./start-app.ts";

interface Urls extends Record<string, string> {
  readonly id: string;
}

const isSuspended = ({ runtimeStatus }: { readonly runtimeStatus: string }): boolean =>
  runtimeStatus === "Suspended";

describe("the management API", () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startApp();
  });
  afterAll(() => app.stop());
  const post = async (url: string, body?: unknown): Promise<Response> =>
    await fetch(url, { method: "POST", ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
  const start = async (name: string, input?: unknown): Promise<Urls> => {
    const { creationUrls } = JSON.parse(app.binding) as { creationUrls: Record<string, string> };
    const template = creationUrls["createNewInstancePostUri"]!;
    const response = await post(template.replace("{functionName}[/{instanceId}]", name), input);
    expect(response.status).toBe(202);
    return (await response.json()) as Urls;
  };

  it("wants the system key, and the client's RPC does not", async () => {
    const path = "runtime/webhooks/durabletask/instances";
    expect((await fetch(`${app.baseUrl}/${path}`)).status).toBe(401);
    expect((await fetch(`${app.baseUrl}/${path}?code=wrong`)).status).toBe(401);
    expect((await fetch(`${app.baseUrl}/${path}?code=${systemKey}`)).status).toBe(200);
    const headers = { "x-functions-key": systemKey };
    expect((await fetch(`${app.baseUrl}/${path}`, { headers })).status).toBe(200);
    expect((await fetch(`${app.baseUrl}/durabletask/instances`)).status).toBe(200);
    expect((await fetch(`${app.baseUrl}/api/else`)).status).toBe(404);
  });

  it("hands out URLs that manage the instance", async () => {
    const urls = await start("racing");
    await post(urls["suspendPostUri"]!.replace("{text}", "pause"));
    await waitForStatus(app.client, urls.id, isSuspended);
    await post(urls["resumePostUri"]!.replace("{text}", "on"));
    const sent = await post(urls["sendEventPostUri"]!.replace("{eventName}", "go"), "by URL");
    expect(sent.status).toBe(202);
    await waitForEnd(app.client, urls.id);
    const status = await fetch(urls["statusQueryGetUri"]!);
    expect(status.status).toBe(200);
    expect(await status.json()).toMatchObject({ runtimeStatus: "Completed", output: "by URL" });
    const restarted = await post(`${urls["restartPostUri"]!}&restartWithNewInstanceId=true`);
    const again = (await restarted.json()) as Urls;
    expect(again.id).not.toBe(urls.id);
    await post(again["terminatePostUri"]!.replace("{text}", "enough"));
    expect((await waitForEnd(app.client, again.id)).output).toBe("enough");
    expect((await post(again["sendEventPostUri"]!.replace("{eventName}", "go"), 1)).status).toBe(410);
    const purged = await fetch(urls["purgeHistoryDeleteUri"]!, { method: "DELETE" });
    expect(await purged.json()).toEqual({ instancesDeleted: 1 });
    expect((await fetch(urls["statusQueryGetUri"]!)).status).toBe(404);
  });

  it("gives the client its check-status response, and its wait", async () => {
    const id = await app.client.startNew("racing");
    const request = new HttpRequest({ url: `${app.baseUrl}/api/start`, method: "POST" });
    const wait = { timeoutInMilliseconds: 20, retryIntervalInMilliseconds: 5 };
    const pending = await app.client.waitForCompletionOrCreateCheckStatusResponse(request, id, wait);
    expect(pending.status).toBe(202);
    const urls = (await pending.json()) as Urls;
    expect(urls["statusQueryGetUri"]).toContain(`/instances/${id}?taskHub=TestHub&connection=Storage&code=`);
    await app.client.raiseEvent(id, "go", { done: true });
    await waitForEnd(app.client, id);
    const done = await app.client.waitForCompletionOrCreateCheckStatusResponse(request, id);
    expect([done.status, await done.json()]).toEqual([200, { done: true }]);
  });

  it("creates and waits", async () => {
    const url = `${app.baseUrl}/runtime/webhooks/durabletask/orchestrators/one-activity?timeout=10&code=${systemKey}`;
    const response = await post(url, 12);
    expect([response.status, await response.json()]).toEqual([200, 144]);
  });

  it("shows the history: upstream's digest, and every event a replay reads", async () => {
    const { instanceId } = await run(app, "one-activity", 4);
    const url = `${app.baseUrl}/durabletask/instances/${instanceId}?showHistory=true&showHistoryOutput=true&showInput=false`;
    const status = (await (await fetch(url)).json()) as {
      input: unknown;
      history: { EventType: string }[];
      historyEvents: Record<string, unknown>[];
    };
    expect(status.input).toBeNull();
    expect(status.history.map((event) => event.EventType)).toEqual([
      ...["OrchestratorStarted", "ExecutionStarted", "TaskScheduled", "OrchestratorCompleted"],
      ...["OrchestratorStarted", "TaskCompleted", "OrchestratorCompleted", "ExecutionCompleted"],
    ]);
    expect(status.historyEvents).toMatchObject([
      { EventType: "ExecutionStarted", FunctionName: "one-activity" },
      { EventType: "TaskCompleted", FunctionName: "square", Result: 16 },
      { EventType: "ExecutionCompleted", OrchestrationStatus: "Completed", Result: 16 },
    ]);
  });

  it("lists by status and time, page by page", async () => {
    const clock = createManualClock("2026-01-01T00:00:00Z");
    const other = await startApp({ clock });
    for (let index = 0; index < 205; index += 1) {
      await other.client.startNew("one-activity", { input: index, instanceId: `listed-${index}` });
    }
    await waitForEnd(other.client, "listed-204");
    expect(await other.client.getStatusAll()).toHaveLength(205);
    const first = await fetch(`${other.baseUrl}/durabletask/instances?top=3&instanceIdPrefix=listed-20`);
    expect(((await first.json()) as { instanceId: string }[]).map(({ instanceId }) => instanceId)).toEqual([
      ...["listed-20", "listed-200", "listed-201"],
    ]);
    expect(first.headers.get("x-ms-continuation-token")).not.toBeNull();
    await clock.advance(60_000);
    await run(other, "throwing");
    const late = { createdTimeFrom: new Date(clock.now() - 1), createdTimeTo: new Date(clock.now()) };
    expect(await other.client.getStatusBy(late)).toMatchObject([
      { name: "throwing", runtimeStatus: "Failed" },
    ]);
    const failed = await other.client.getStatusBy({ runtimeStatus: ["Failed"] as never });
    expect(failed).toHaveLength(1);
    await other.stop();
  });

  it.each([
    ["POST", "instances/nothing/raiseEvent/go", 404],
    ["POST", "instances/nothing/rewind", 404],
    ["GET", "instances?createdTimeFrom=yesterday", 400],
    ["GET", "instances/%E0%A4%A", 400],
    ["POST", "orchestrators", 404],
    ["GET", "elsewhere", 404],
  ])("%s %s answers %i", async (method, path, status) => {
    expect((await fetch(`${app.baseUrl}/durabletask/${path}`, { method })).status).toBe(status);
  });

  it("refuses bodies that are not JSON", async () => {
    const url = `${app.baseUrl}/durabletask/orchestrators/one-activity`;
    expect((await fetch(url, { method: "POST", body: "{" })).status).toBe(400);
  });
});

describe("callHttp", () => {
  let server: Server;
  let requests: string[];
  beforeAll(async () => {
    requests = [];
    server = createServer((request, response) => {
      requests.push(`${request.method!} ${request.url!}`);
      const isDone = requests.length === 3;
      const headers = isDone ? {} : { location: "/state", "retry-after": "0" };
      response.writeHead(isDone ? 200 : 202, headers).end("answered");
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
  });
  afterAll(() => {
    server.close();
    server.closeAllConnections();
  });

  it("polls until the answer is no longer 202", async () => {
    const app = await startApp();
    const { port } = server.address() as AddressInfo;
    const status = await run(app, "calling-http", `http://127.0.0.1:${port}/job`);
    expect(status.output).toEqual([200, "answered", 36]);
    expect(requests).toEqual(["POST /job", "GET /state", "GET /state"]);
    await app.stop();
  });
});
