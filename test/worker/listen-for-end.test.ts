import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const main = fileURLToPath(new URL("support/ending-process.ts", import.meta.url));

/** Starts the process, has it end in the way named, and waits for it. */
async function endBy(how: string): Promise<{ stdout: string; stderr: string; code: number | null }> {
  const child = spawn(process.execPath, [main, how], { stdio: ["ignore", "pipe", "pipe"], timeout: 20_000 });
  const code = new Promise<number | null>((resolve) => child.once("close", resolve));
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { stdout, stderr, code: await code };
}

describe("listenForEnd", () => {
  it.each(["SIGTERM", "SIGINT"])("finishes what is in hand after %s", async (signal) => {
    const { stdout, code } = await endBy(signal);
    expect(stdout).toContain("finished, broken: false");
    expect(stdout).toContain("WorkerEnded");
    expect(code).toBe(0);
  });

  it.each(["throw", "reject"])(
    "finishes what is in hand after an uncaught %s, and prints no secret",
    async (how) => {
      const { stdout, stderr, code } = await endBy(how);
      expect(stdout).toContain("WorkerBroken");
      expect(stdout).toContain("a link broke");
      expect(stdout).toContain("finished, broken: true");
      expect(code).toBe(0);
      expect(stdout + stderr).not.toContain("canary");
    },
  );
});
