import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test, vi } from "vitest";
import { startChild } from "../../local/child.ts";
import { startStorage } from "../../local/storage/azurite.ts";
import { isAlive } from "./is-alive.ts";

test("nothing outlives a stack that is killed -9", async () => {
  const folder = await mkdtemp(join(tmpdir(), "killed-"));
  const stack = spawn(process.execPath, [fileURLToPath(new URL("stack-process.ts", import.meta.url))], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, TMPDIR: folder },
  });
  const [line] = (await once(stack.stdout, "data")) as [Buffer];
  const pids = JSON.parse(line.toString()) as number[];
  expect(pids.map(isAlive)).toEqual([true, true]);
  stack.kill("SIGKILL");
  await vi.waitFor(() => {
    expect(pids.map(isAlive)).toEqual([false, false]);
  }, 5_000);
  await rm(folder, { recursive: true });
});

test("an unexpected end is reported, an asked one is not", async () => {
  const reasons: string[] = [];
  const storage = await startStorage({ onUnexpectedExit: (reason) => reasons.push(reason) });
  process.kill(storage.pid, "SIGKILL");
  await vi.waitFor(() => {
    expect(reasons).toEqual(["signal SIGKILL"]);
  }, 5_000);
  await storage.stop();
  const other = await startStorage({ onUnexpectedExit: (reason) => reasons.push(reason) });
  await other.stop();
  await other.stop();
  expect(isAlive(other.pid)).toBe(false);
  expect(reasons).toHaveLength(1);
});

test("a child that cannot start says why", async () => {
  const taken = await startStorage();
  const port = Number(new URL(taken.endpoints.blob).port);
  await expect(startStorage({ ports: { blob: port } })).rejects.toThrow(/EADDRINUSE/);
  await taken.stop();
});

test("a module that never gets ready is ended", async () => {
  const options = {
    module: fileURLToPath(new URL("is-alive.ts", import.meta.url)),
    readyMilliseconds: 5_000,
  };
  await expect(startChild(options)).rejects.toThrow(/ended before it was ready|said nothing/);
});
