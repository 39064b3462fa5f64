import { readFileSync } from "node:fs";

/**
 * Whether a process runs. One that ended but that nobody waits for (its parent died, and the container's
 * first process does not reap) still answers to signals, so its state is read too where /proc has it.
 */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  try {
    return !/^\d+ \(.*\) Z/s.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return process.platform !== "linux";
  }
}
