import { readFileSync, readdirSync } from "node:fs";

/** Ids of running processes by a part of their command line and a setting in their environment. Linux only. */
export function findProcesses(command: string, setting: string): readonly number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter(
      (id) => read(id, "cmdline").includes(command) && read(id, "environ").split("\0").includes(setting),
    )
    .map(Number);
}

/** Empty for a process that is gone by now, and for those of others. */
function read(id: string, file: string): string {
  try {
    return readFileSync(`/proc/${id}/${file}`, "utf8");
  } catch {
    return "";
  }
}
