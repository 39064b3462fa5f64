import { afterAll, beforeAll, expect, it } from "vitest";
import { setScopeKeys } from "../../deploy/keys/set-scope-keys.ts";
import { startTestStack, type TestStack } from "../support/test-stack.ts";

const keys = { read: "key-of-readers", operate: "key-of-operators", admin: "key-of-admins" } as const;
const sql = "SELECT 1;";
const secrets = JSON.stringify({ UserName: "fleet" });
let stack: TestStack;

beforeAll(async () => {
  stack = await startTestStack({ databases: 1, servers: 1 });
  const { api, masterKey } = stack.file;
  await setScopeKeys({ app: new URL(api).origin, masterKey, keys });
}, 60_000);
afterAll(() => stack.stop());

const statuses = (key: string): Promise<readonly number[]> =>
  Promise.all(
    (
      [
        ["GET", "/runs"],
        ["PUT", "/packages/scoped", sql],
        ["PUT", "/secrets", secrets],
        ["GET", "/audit"],
      ] as const
    ).map(
      async ([method, path, body]) =>
        (await stack.call(method, path, body, { "x-functions-key": key })).status,
    ),
  );

it("a key of a scope opens what the scope may do and nothing else", async () => {
  expect(await statuses(keys.read)).toEqual([200, 401, 401, 401]);
  expect(await statuses(keys.operate)).toEqual([200, 200, 401, 401]);
  expect(await statuses(keys.admin)).toEqual([200, 200, 200, 200]);
  expect(await statuses("another")).toEqual([401, 401, 401, 401]);
});

it("every operator's action is in the audit: who, when, what, from where, how it ended; reading is not", async () => {
  const from = { "x-forwarded-for": "203.0.113.9:4711", "x-functions-key": keys.operate };
  const before = (await stack.call("GET", "/audit")).body["entries"] as readonly unknown[];
  await stack.call("GET", "/runs", undefined, from);
  await stack.call("PUT", "/packages/audited?code=not-in-the-audit", sql, from);
  await stack.call("POST", "/runs", JSON.stringify({ package: "audited", targets: { cfg: "" } }), from);
  await stack.call("POST", "/runs/nonsense/cancel", undefined, from);
  const { entries } = (await stack.call("GET", "/audit")).body as {
    entries: readonly Record<string, unknown>[];
  };
  const added = entries.slice(0, entries.length - before.length).reverse();
  expect(
    added.map(({ phase, action, call, status, code }) => ({ phase, action, call, status, code })),
  ).toEqual([
    { phase: "asked", action: "putPackage", call: "PUT /api/packages/audited" },
    { phase: "answered", action: "putPackage", call: "PUT /api/packages/audited", status: 200 },
    { phase: "asked", action: "startRun", call: "POST /api/runs" },
    { phase: "answered", action: "startRun", call: "POST /api/runs", status: 400, code: "NoTargets" },
    { phase: "asked", action: "cancelRun", call: "POST /api/runs/nonsense/cancel" },
    {
      phase: "answered",
      action: "cancelRun",
      call: "POST /api/runs/nonsense/cancel",
      status: 404,
      code: "UnknownRun",
    },
  ]);
  expect(new Set(added.map(({ who, from: address }) => `${String(who)} ${String(address)}`)).size).toBe(1);
  expect(added[0]).toMatchObject({ from: "203.0.113.9", who: expect.stringMatching(/^key [0-9a-f]{8}$/) });
  expect(JSON.stringify(entries)).not.toMatch(/key-of-|not-in-the-audit/);
});

it("with app roles asked for, a key alone does not operate", async () => {
  const strict = await startTestStack({
    databases: 1,
    servers: 1,
    settings: { REQUIRE_APP_ROLES: "true" },
    identityOnly: true,
  });
  const as = (...roles: readonly string[]): Record<string, string> => {
    const claims = [
      { typ: "preferred_username", val: "ops@example.org" },
      ...roles.map((val) => ({ typ: "roles", val })),
    ];
    return { "x-ms-client-principal": Buffer.from(JSON.stringify({ claims })).toString("base64") };
  };
  const upload = async (headers: Record<string, string>): Promise<number> =>
    (await strict.call("PUT", "/packages/roles", sql, headers)).status;
  try {
    expect(await upload({})).toBe(403);
    expect(await upload(as("sqlfleet.read"))).toBe(403);
    expect(await upload(as("sqlfleet.operate"))).toBe(200);
    expect((await strict.call("PUT", "/secrets", secrets, as("sqlfleet.operate"))).body).toMatchObject({
      error: { code: "RoleRequired" },
    });
    expect((await strict.call("PUT", "/secrets", secrets, as("sqlfleet.admin"))).status).toBe(200);
  } finally {
    await strict.stop();
  }
}, 60_000);
