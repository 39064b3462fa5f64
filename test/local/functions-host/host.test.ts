import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { type FunctionsHost, startFunctionsHost } from "../../../local/functions-host/host.ts";
import { gate, seen } from "./fixtures/seen.ts";
import { createTestOptions } from "./test-options.ts";

const options = createTestOptions();
const { clock, logged, durable } = options;
let host: FunctionsHost;

beforeAll(async () => {
  host = await startFunctionsHost(options);
});
afterAll(async () => {
  await host.stop();
});
beforeEach(() => {
  logged.length = 0;
  durable.requests.length = 0;
});

const call = (path: string, init?: RequestInit): Promise<Response> => fetch(`${host.address}${path}`, init);

describe("Durable", () => {
  it("reaches the backend through the real client, without a key", async () => {
    const response = await call("/api/durable");
    expect(await response.json()).toEqual({ id: "one" });
    const [asked] = durable.requests;
    expect(asked?.method).toBe("POST");
    expect(asked?.url.pathname).toBe("/durabletask/orchestrators/main/one");
    expect(String(asked?.body)).toBe('{"a":1}');
  });

  it("hands management URLs on with the system key only", async () => {
    const path = "/runtime/webhooks/durabletask/instances/one";
    expect((await call(path)).status).toBe(401);
    expect((await call(`${path}?code=the-key`)).status).toBe(401);
    expect((await call(`${path}?code=sys`)).status).toBe(202);
    expect((await call("/runtime/webhooks/durabletask/unknown?code=sys")).status).toBe(404);
  });

  it("is told where it is and what host.json allows", () => {
    expect(durable.context).toEqual({
      baseUrl: host.address,
      hubName: "hub",
      systemKey: "sys",
      limits: { maxConcurrentActivityFunctions: 3, maxConcurrentOrchestratorFunctions: 10 },
    });
  });

  it("finds and runs activities through the invoker", async () => {
    const types = Object.fromEntries(host.invoker.functions().map((each) => [each.name, each.triggerType]));
    expect(types).toMatchObject({ square: "activityTrigger", main: "orchestrationTrigger" });
    const { returnValue } = await host.invoker.invoke("square", { data: { json: "7" } });
    expect(returnValue).toEqual({ int: 49 });
    await expect(host.invoker.invoke("absent", { data: {} })).rejects.toThrow('no function "absent"');
  });
});

describe("hooks", () => {
  it("may change inputs before and the result after", async () => {
    const response = await call("/api/hooked");
    expect([response.status, await response.text()]).toEqual([203, "changed after"]);
    expect(seen["hooked"]?.[0]).toMatchObject({ changed: true });
    expect(seen["post"]).toEqual([{ result: { body: "from the function" }, before: "kept" }]);
    expect(seen["appStart"]).toHaveLength(1);
  });
});

describe("timers", () => {
  it("run when due and know their schedule", async () => {
    seen["tick"] = [];
    const now = clock.now();
    await clock.advance(30_000);
    const [first] = seen["tick"] as { scheduleStatus: { next: string }; isPastDue: boolean }[];
    expect(first?.isPastDue).toBe(false);
    expect(Date.parse(first!.scheduleStatus.next) - now).toBeLessThanOrEqual(30_000);
    await clock.advance(60_000);
    expect(seen["tick"]).toHaveLength(3);
    expect(seen["tick"][2]).toMatchObject({ scheduleStatus: { last: expect.any(String) as string } });
    expect(logged).toContain("information Function.tick.User ticked");
  });

  it("run by hand through /admin/functions", async () => {
    seen["tick"] = [];
    const run = (name: string, body: string | null, key = "the-master"): Promise<Response> =>
      call(`/admin/functions/${name}?code=${key}`, { method: "POST", body });
    expect((await run("tick", "{}", "the-key")).status).toBe(401);
    expect((await run("absent", "{}")).status).toBe(404);
    expect((await run("echo", "{}")).status).toBe(404);
    expect((await run("tick", "not json")).status).toBe(400);
    expect((await run("tick", '{"input":""}')).status).toBe(202);
    await vi.waitFor(() => {
      expect(seen["tick"]).toHaveLength(1);
    });
  });

  it("try again as the function's retry option says", async () => {
    await call("/admin/functions/retried?code=the-master", { method: "POST" });
    await vi.waitFor(() => {
      expect(seen["retried"]).toHaveLength(1);
    });
    await clock.advance(20_000);
    const exception = { message: "again" };
    expect(seen["retried"]).toEqual([
      null,
      { retryCount: 1, maxRetryCount: 2, exception },
      { retryCount: 2, maxRetryCount: 2, exception },
    ]);
  });
});

describe("stopping", () => {
  const started = (name: string): Promise<void> =>
    vi.waitFor(() => {
      expect(seen[name]).toEqual(["started"]);
    });

  it("lets what runs come to its end, and takes up nothing new", async () => {
    const response = call("/api/waits");
    await started("waits");
    const stopped = host.stop();
    expect((await call("/api/setting")).status).toBe(503);
    gate.emit("open");
    expect(await (await response).text()).toHaveLength(1_000_000);
    await stopped;
    host = await startFunctionsHost(options);
  });

  it("goes on without what runs longer than the grace time", async () => {
    const response = call("/api/never");
    await started("never");
    const [outcome] = await Promise.allSettled([response, host.stop()]);
    expect(outcome.status).toBe("rejected");
    expect(logged.join("\n")).toContain("longer than 200 ms");
    host = await startFunctionsHost(options);
  });

  it("closes the socket, tells the app, and lets the same app start again", async () => {
    seen["appTerminate"] = [];
    await host.stop();
    await host.stop();
    await expect(call("/")).rejects.toThrow();
    expect(seen["appTerminate"]).toHaveLength(1);
    expect(process.env["OWN_SETTING"]).toBeUndefined();
    host = await startFunctionsHost(options);
    expect(await (await call("/api/guarded?code=the-key")).text()).toBe("in");
  });

  it("refuses to start without a setting a trigger names, and leaves nothing behind", async () => {
    const { TICK_SCHEDULE: _, ...settings } = options.settings;
    await expect(startFunctionsHost({ ...options, settings })).rejects.toThrow("'%TICK_SCHEDULE%'");
  });
});
