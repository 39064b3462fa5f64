import { afterAll, beforeAll, expect, it } from "vitest";
import { setScopeKeys } from "../../deploy/keys/set-scope-keys.ts";
import { startTestStack, type TestStack } from "../support/test-stack.ts";

const keys = { read: "key-of-readers", operate: "key-of-operators", admin: "key-of-admins" } as const;
let stack: TestStack;

beforeAll(async () => {
  const settings = { RATE_LIMIT_READS: "5", RATE_LIMIT_ACTIONS: "3" };
  stack = await startTestStack({ databases: 1, servers: 1, settings });
  const { api, masterKey } = stack.file;
  await setScopeKeys({ app: new URL(api).origin, masterKey, keys });
}, 60_000);
afterAll(() => stack.stop());

const as = (key: string) => ({ "x-functions-key": key });
const look = (key: string) => stack.call("GET", "/packages", undefined, as(key));
const upload = (key: string) => stack.call("PUT", "/packages/often", "SELECT 1;", as(key));

async function repeat(times: number, call: () => Promise<{ status: number }>): Promise<readonly number[]> {
  const statuses: number[] = [];
  for (let time = 0; time < times; time += 1) statuses.push((await call()).status);
  return statuses;
}

it("a caller has so many calls a minute in each scope, and is told when to come back", async () => {
  expect(await repeat(8, () => look(keys.read))).toEqual([200, 200, 200, 200, 200, 429, 429, 429]);
  const refused = await look(keys.read);
  expect(refused).toMatchObject({ status: 429, body: { error: { code: "TooManyRequests" } } });
  const seconds = Number(refused.headers.get("retry-after"));
  expect(seconds).toBeGreaterThan(0);
  expect(seconds).toBeLessThanOrEqual(60);
});

it("one caller does not use up another's calls, nor looking those of acting", async () => {
  expect(await repeat(6, () => look(keys.operate))).toEqual([200, 200, 200, 200, 200, 429]);
  expect(await repeat(4, () => upload(keys.operate))).toEqual([200, 200, 200, 429]);
  expect(await repeat(1, () => upload(keys.admin))).toEqual([200]);
});

it("a call that is refused is no action in the audit, and one line in the log however often it comes", async () => {
  const { entries } = (await stack.call("GET", "/audit", undefined, as(keys.admin))).body as {
    entries: readonly { action: string; status?: number }[];
  };
  const uploads = entries.filter(({ action, status }) => action === "putPackage" && status !== undefined);
  expect(uploads.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
  const lines = stack.output.filter((line) => line.includes("TooManyRequests"));
  expect(lines.filter((line) => line.includes("(operate)"))).toHaveLength(1);
  expect(lines.filter((line) => line.includes("(read)"))).toHaveLength(2);
  expect(lines.join()).not.toContain("key-of-");
});
