import { readFileSync, readdirSync } from "node:fs";

/** Linux counts processor time in hundredths of a second. */
const tick = 10;

/** Milliseconds of processor time the servers' processes have used. Linux only. */
export function readServers(): ReadonlyMap<string, number> {
  const used = new Map<string, number>([["Service Bus and Event Hubs", toMilliseconds("self")]]);
  for (const pid of readChildren()) {
    const role = toRole(pid);
    if (role) used.set(role, toMilliseconds(pid));
  }
  return used;
}

function readChildren(): readonly string[] {
  return readdirSync("/proc/self/task").flatMap((task) =>
    readFileSync(`/proc/self/task/${task}/children`, "utf8").split(" ").filter(Boolean),
  );
}

const roles = [
  ["sql-server/child.ts", "SQL Server stand-in"],
  ["azurite-child.ts", "Azurite"],
] as const;

function toRole(pid: string): string | undefined {
  const command = readFileSync(`/proc/${pid}/cmdline`, "utf8");
  return roles.find(([part]) => command.includes(part))?.[1];
}

/** Fields 14 and 15 of proc(5)'s stat: user and system time; the name in field 2 may hold spaces. */
function toMilliseconds(pid: string): number {
  const [user, system] =
    readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ").slice(11, 13) ?? [];
  return (Number(user) + Number(system)) * tick;
}
