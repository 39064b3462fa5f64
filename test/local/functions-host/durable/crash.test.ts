import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline/promises";
import { fileURLToPath } from "node:url";
import type * as df from "durable-functions";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { connectClient, startApp, waitForEnd } from "./start-app.ts";

let folder: string;
let children: ChildProcess[];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "durable-"));
  children = [];
});
afterEach(async () => {
  for (const child of children) await kill(child);
  await rm(folder, { recursive: true });
});

describe("a process that is killed", () => {
  it("midway in a fan-out: what was answered stays answered, the rest runs again", async () => {
    const entries = Array.from({ length: 60 }, (_, index) => ({ entry: `entry ${index}`, wait: 10 }));
    const first = await startChild("midway");
    const id = await first.client.startNew("journaling", { input: entries });
    await expect.poll(() => readJournal("midway").then((lines) => lines.length)).toBeGreaterThan(25);
    await kill(first.child);
    const second = await startChild("midway");
    const status = await waitForEnd(second.client, id);
    expect(status.output).toEqual(entries.map(({ entry }) => entry));
    const journal = await readJournal("midway");
    expect(new Set(journal).size).toBe(60);
    // At most the ten that ran at the time ran twice.
    expect(journal.length).toBeLessThanOrEqual(70);
  });

  it("after any invocation, before what follows from it is on disk: nothing is lost or doubled", async () => {
    let dieAfter = 1;
    while (await runWithDeath(dieAfter)) dieAfter += 5; // not every one: each costs a new process
    expect(dieAfter).toBeGreaterThan(20);
  });
});

/** @returns false when the run ended before it could die. */
async function runWithDeath(dieAfter: number): Promise<boolean> {
  const name = `death-${dieAfter}`;
  const first = await startChild(name, dieAfter);
  const gone = once(first.child, "exit");
  // The answer to a start may be lost with the process; the start is not.
  await first.client.startNew("everything", { input: 0, instanceId: "it" }).catch(() => gone);
  const ended = waitForEnd(first.client, "it").then(
    () => false,
    () => gone.then(() => true),
  );
  const died = await Promise.race([ended, gone.then(() => true)]);
  process.env["JOURNAL"] = join(folder, `${name}.journal`);
  const second = died ? await startApp({ storeFile: join(folder, `${name}.db`) }) : undefined;
  const status = await waitForEnd(second?.client ?? first.client, "it");
  await second?.stop();
  expect(status.output, `death after invocation ${dieAfter}`).toEqual({
    generation: 1,
    child: "1 child",
    count: 2,
  });
  const journal = await readJournal(name);
  const expected = ["0 child", "0 left", "0 right", "1 child", "1 left", "1 right"];
  expect([...new Set(journal)].toSorted()).toEqual(expected);
  // The two sides run at the same time: dying after the one may take the other with it.
  expect(journal.length).toBeLessThanOrEqual(expected.length + 2);
  for (const child of children.splice(0)) await kill(child);
  return died;
}

async function startChild(
  name: string,
  dieAfter = 0,
): Promise<{ child: ChildProcess; client: df.DurableClient }> {
  const script = fileURLToPath(new URL("fixtures/crashing-app.ts", import.meta.url));
  const child = spawn(process.execPath, [script, join(folder, `${name}.db`), String(dieAfter)], {
    env: { ...process.env, JOURNAL: join(folder, `${name}.journal`) },
    stdio: ["ignore", "pipe", "inherit"],
  });
  children.push(child);
  const [binding] = (await once(createInterface(child.stdout), "line")) as [string];
  process.env["WEBSITE_HOSTNAME"] = "127.0.0.1";
  return { child, client: connectClient(binding) };
}

async function readJournal(name: string): Promise<string[]> {
  const text = await readFile(join(folder, `${name}.journal`), "utf8").catch(() => "");
  return text.split("\n").filter(Boolean);
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, "exit");
  child.kill("SIGKILL");
  await gone;
}
