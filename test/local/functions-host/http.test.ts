import { once } from "node:events";
import { connect } from "node:net";
import { request } from "node:http";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { type FunctionsHost, startFunctionsHost } from "../../../local/functions-host/host.ts";
import { seen } from "./fixtures/seen.ts";
import { createTestOptions } from "./test-options.ts";

const options = createTestOptions();
const { clock, logged } = options;
let host: FunctionsHost;

beforeAll(async () => {
  host = await startFunctionsHost(options);
});
afterAll(async () => {
  await host.stop();
});
beforeEach(() => {
  logged.length = 0;
});

const call = (path: string, init?: RequestInit): Promise<Response> => fetch(`${host.address}${path}`, init);

describe("HTTP", () => {
  it("hands a request to the function and its answer back", async () => {
    const response = await call("/api/echo/J%C3%BCrgen%2Fx/7?q=1&q=2", {
      method: "POST",
      headers: { "x-test": "agent" },
      body: "text",
    });
    expect(response.status).toBe(201);
    expect(response.headers.get("x-answer")).toBe("yes");
    expect(response.headers.getSetCookie()).toEqual([
      "a=1%202; max-age=60; path=/; samesite=lax; httponly",
      "b=2",
    ]);
    expect(await response.json()).toEqual({
      url: `${host.address}/api/echo/J%C3%BCrgen%2Fx/7?q=1&q=2`,
      params: { name: "Jürgen%2Fx", number: "7" },
      query: { q: "1,2" },
      agent: "agent",
      body: "text",
    });
  });

  it("takes routes in any case and with optional parameters left out", async () => {
    const body = (await (await call("/API/Echo/Anna/")).json()) as { params: unknown };
    expect(body.params).toEqual({ name: "Anna" });
  });

  it("answers HEAD without a body, and only where the function takes HEAD", async () => {
    expect((await call("/api/echo/a", { method: "HEAD" })).status).toBe(201);
    expect((await call("/api/guarded", { method: "HEAD" })).status).toBe(404);
  });

  it.each(["/api/nowhere", "/echo/a", "/api/echo/a/notanumber", "/api"])(
    "answers 404 without a body at %s",
    async (path) => {
      const response = await call(path);
      expect([response.status, await response.text()]).toEqual([404, ""]);
    },
  );

  it("answers 404 when only the method is wrong", async () => {
    expect((await call("/api/echo/a", { method: "DELETE" })).status).toBe(404);
  });

  it("tries overlapping routes by the function's name, as the real host does", async () => {
    expect(await (await call("/api/twins/one")).text()).toBe("a");
  });

  it("carries bytes both ways, and a rest parameter with slashes", async () => {
    const bytes = Uint8Array.from({ length: 256 }, (_, index) => index);
    const response = await call("/api/files/a/b%20c/d", { method: "PUT", body: bytes });
    expect(response.headers.get("x-path")).toBe("a/b c/d");
    expect(new Uint8Array(await response.arrayBuffer())).toEqual(bytes);
  });

  it("answers 500 without a body when the function throws, and logs why", async () => {
    const response = await call("/api/throws");
    expect([response.status, await response.text()]).toEqual([500, ""]);
    expect(logged.join("\n")).toContain("secret detail");
  });

  it("answers 204 when the function returns nothing", async () => {
    expect((await call("/api/nothing")).status).toBe(204);
  });

  it("answers 500 after functionTimeout", async () => {
    const response = call("/api/never");
    await vi.waitFor(() => {
      expect(seen["never"]).toEqual(["started"]);
    });
    await clock.advance(5 * 60_000);
    expect((await response).status).toBe(500);
    expect(logged.join("\n")).toContain("Timeout value of 300 s was exceeded by function: never");
  });

  it("shows the home page and the app its settings", async () => {
    expect((await call("/")).status).toBe(200);
    expect(await (await call("/api/setting")).json()).toEqual({
      own: "mine",
      host: host.address.slice("http://".length),
    });
  });
});

describe("request bodies above the limit", () => {
  it("are refused by their Content-Length before they are sent", async () => {
    const socket = connect(Number(new URL(host.address).port), "127.0.0.1");
    socket.write(
      "PUT /api/files/a HTTP/1.1\r\nHost: h\r\nContent-Length: 1001\r\nExpect: 100-continue\r\n\r\n",
    );
    const [answer] = (await once(socket, "data")) as [Buffer];
    socket.destroy();
    expect(answer.toString()).toMatch(/^HTTP\/1.1 413 /);
  });

  it("are refused while they are read when their length was not said", async () => {
    const status = await new Promise((resolve, reject) => {
      const sent = request(`${host.address}/api/files/a`, { method: "PUT" }, (response) => {
        response.resume();
        resolve(response.statusCode);
      });
      sent.on("error", reject);
      sent.write("x".repeat(600));
      sent.write("x".repeat(600));
    });
    expect(status).toBe(413);
  });

  it("pass when they are just within it", async () => {
    const response = await call("/api/files/a", { method: "PUT", body: "x".repeat(1000) });
    expect(response.status).toBe(200);
  });
});

describe("keys", () => {
  const status = async (path: string, key?: string): Promise<number> =>
    (await call(path, key === undefined ? {} : { headers: { "x-functions-key": key } })).status;

  it("open functions of their level only", async () => {
    expect(await status("/api/guarded")).toBe(401);
    expect(await status("/api/guarded", "wrong")).toBe(401);
    expect(await status("/api/guarded", "the-key")).toBe(200);
    expect(await status("/api/guarded?code=the-other")).toBe(200);
    expect(await status("/api/guarded?code=the-key", "wrong")).toBe(401);
    expect(await status("/api/guarded", "the-master")).toBe(200);
    expect(await status("/api/bossed", "the-key")).toBe(401);
    expect(await status("/api/bossed", "the-master")).toBe(200);
  });

  it("open the host's status to the master only", async () => {
    expect(await status("/admin/host/status", "the-key")).toBe(401);
    const response = await call("/admin/host/status?code=the-master");
    expect(await response.json()).toMatchObject({ state: "Running" });
  });
});
