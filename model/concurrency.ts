import type { RunPlan } from "./run-document.ts";
import type { Target } from "./target.ts";
import { parseServerAddress } from "./targets/server-address.ts";

type Concurrency = RunPlan["concurrency"];

/** How a worker takes targets. */
export interface Slots {
  /** Targets at once in one worker. */
  readonly total: number;
  /**
   * Targets at once of one server or tag, in the whole fleet: its targets are one Service Bus session, which one
   * worker holds at a time. Absent: no session, any mix.
   */
  readonly perSession?: number;
}

/** Sessions of one target at a time are small, those of several are given room for more than one of them. */
const roomForSessions = 64;

export function toSlots({ type, limit }: Concurrency): Slots {
  switch (type) {
    case "Count":
      return { total: limit };
    case "Server":
    case "Tag":
      return { total: limit, perSession: 1 };
    case "MaxPerServer":
    case "MaxPerTag":
      // Twice the limit: a server that hangs with all it may have leaves a worker room for another one.
      return { total: Math.max(roomForSessions, 2 * limit), perSession: limit };
  }
}

/**
 * Whose cap a target counts against: the id of its Service Bus session (at most 128 characters, as servers and tags
 * are). undefined: nobody's.
 */
export function toSessionId({ type }: Concurrency, { server, tag }: Target): string | undefined {
  switch (type) {
    case "Count":
      return undefined;
    case "Server":
    case "MaxPerServer":
      return toServerKey(server);
    case "Tag":
    case "MaxPerTag":
      return tag?.toLowerCase();
  }
}

/** SQL Server's port where none is named. */
const usualPort = 1433;

/**
 * The same for every way to write one server: any case, with or without `tcp:` and port 1433; an instance beside a
 * port says nothing, since clients go to the port. What only DNS knows (aliases, addresses) stays different.
 */
export function toServerKey(server: string): string {
  const address = parseServerAddress(server);
  if (!address.ok) return server.toLowerCase();
  const { host, port, instance } = address.value;
  if (port === undefined) return instance === undefined ? host : `${host}\\${instance.toLowerCase()}`;
  return port === usualPort ? host : `${host},${port}`;
}
