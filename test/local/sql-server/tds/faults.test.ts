import type { Connection } from "tedious";
import { expect, it } from "vitest";
import type { FaultFacts } from "../../../../local/sql-server/tds/faults.ts";
import { batch } from "../support/tedious-client.ts";
import { useScriptedServer } from "../support/use-scripted-server.ts";

const wire = useScriptedServer();

const client = (database = "orders"): Promise<Connection> => wire.client({ database });

const commits = ({ request, database }: FaultFacts): boolean => request === "commit" && database === "orders";

async function beginAndCommit(connection: Connection): Promise<unknown> {
  await new Promise((resolve) => {
    connection.beginTransaction(resolve);
  });
  return new Promise((resolve) => {
    connection.commitTransaction(resolve);
  });
}

it.each([
  { moment: "before", committed: false },
  { moment: "during", committed: true },
  { moment: "after", committed: true },
] as const)("cuts the connection $moment a commit", async ({ moment, committed }) => {
  const fault = wire.server.faults.add({
    stage: "request",
    matches: commits,
    effect: { kind: "cut", moment },
  });
  const connection = await client();
  const error = await beginAndCommit(connection);
  expect(error).toMatchObject({ code: "ECONNRESET" });
  expect(fault.struck).toBe(1);
  expect(wire.engine.calls.includes("commit")).toBe(committed);
  await expect.poll(() => wire.engine.openSessions).toBe(0);
});

it("strikes as often as it is told, and only what matches", async () => {
  const effect = { kind: "error", number: 1205, message: "Deadlock.", class: 13, rollsBack: true } as const;
  const matches = ({ text }: FaultFacts): boolean => text.startsWith("rows");
  wire.server.faults.add({ stage: "request", matches, effect, times: 2 });
  const connection = await client();
  const numbers: (number | undefined)[] = [];
  for (const text of ["print a", "rows 1", "rows 1", "rows 1"]) {
    numbers.push((await batch(connection, text)).error?.number);
  }
  expect(numbers).toEqual([undefined, 1205, 1205, undefined]);
});

it("rolls back before it tells of a deadlock", async () => {
  const effect = { kind: "error", number: 1205, message: "Deadlock.", class: 13, rollsBack: true } as const;
  wire.server.faults.add({ stage: "request", matches: ({ request }) => request === "commit", effect });
  const error = await beginAndCommit(await client());
  expect(error).toMatchObject({ number: 1205 });
  expect(wire.engine.calls).toContain("rollback");
});

it("refuses connections", async () => {
  wire.server.faults.add({ stage: "connect", effect: { kind: "cut", moment: "before" } });
  await expect(client()).rejects.toMatchObject({ code: "ESOCKET" });
  await client();
});

it("raises an error at login", async () => {
  const effect = {
    kind: "error",
    number: 40613,
    message: "Database is not currently available.",
    class: 14,
  } as const;
  wire.server.faults.add({ stage: "login", effect, times: Infinity });
  const connecting = wire.client({ options: { maxRetriesOnTransientErrors: 0 } });
  await expect(connecting).rejects.toThrow("Database is not currently available.");
});

it("delays an answer, and lets the client's patience run out", async () => {
  const effect = { kind: "delay", moment: "before", milliseconds: 60_000 } as const;
  wire.server.faults.add({ stage: "request", matches: ({ text }) => text === "rows 1", effect });
  const connection = await wire.client({ options: { requestTimeout: 50 } });
  expect((await batch(connection, "rows 1")).error).toMatchObject({ code: "ETIMEOUT" });
  expect(wire.engine.calls).not.toContain("execute rows 1");
  expect((await batch(connection, "rows 2")).error).toBeUndefined();
});

it("counts round trips and overlap", async () => {
  const [one, two] = [await client("orders"), await client("stock")];
  wire.server.counters.reset();
  const waiting = [batch(one, "wait"), batch(two, "wait")];
  await expect.poll(() => wire.server.counters.read().executing.now).toBe(2);
  one.cancel();
  two.cancel();
  await Promise.all(waiting);
  const { requests, executing, executingByDatabase } = wire.server.counters.read();
  expect({ requests, executing }).toEqual({ requests: 2, executing: { now: 0, peak: 2 } });
  expect(executingByDatabase.get("stock")).toEqual({ now: 0, peak: 1 });
});
