import { sqlError } from "../../errors.ts";
import { parseLockMode } from "../../locks/modes.ts";
import type { Argument, CallResult } from "../procedure-call.ts";
import { applicationLockName } from "../lock-names.ts";
import { Cancelled, type Frame, type SessionState } from "../session-state.ts";
import { named, textOf } from "./call.ts";

/** learn.microsoft.com, "sp_getapplock": 0 and 1 are success. */
const STATUS = { granted: 0, grantedAfterWait: 1, timeout: -1, cancelled: -2, deadlock: -3 } as const;
const BAD_PARAMETER = -999;
const LONGEST_RESOURCE = 255;

const GET = ["@resource", "@lockmode", "@lockowner", "@locktimeout", "@dbprincipal"];
const RELEASE = ["@resource", "@lockowner", "@dbprincipal"];

/** sp_getapplock: waits, blocks others, and ends with its transaction or session. */
export async function getApplicationLock(frame: Frame, values: readonly Argument[]): Promise<CallResult> {
  const given = named("sp_getapplock", GET, 2, values);
  const text = (name: string, missing = ""): string => textOf(given.get(name)?.value, missing);
  const { session, signal } = frame;
  const mode = parseLockMode(text("@lockmode"));
  const held = locksOf(frame, text("@lockowner", "Transaction"));
  const resource = text("@resource").slice(0, LONGEST_RESOURCE);
  if (mode === undefined || held === undefined || resource === "")
    return badParameter(frame, "sp_getapplock");
  const name = applicationLockName(session, resource);
  const timeout = Number(text("@locktimeout", String(session.options.lockTimeout)));
  const request = { owner: session.id, resource: name, mode, timeout, signal };
  const outcome = await session.server.locks.acquire(request);
  if (outcome === "cancelled") throw new Cancelled();
  const status = STATUS[outcome];
  if (status >= 0) held.push(name);
  return { status, flow: "next" };
}

/** sp_releaseapplock. @throws SqlError 1223 when the lock is not held */
export function releaseApplicationLock(frame: Frame, values: readonly Argument[]): CallResult {
  const given = named("sp_releaseapplock", RELEASE, 1, values);
  const { session } = frame;
  const resource = textOf(given.get("@resource")?.value, "").slice(0, LONGEST_RESOURCE);
  const held = locksOf(frame, textOf(given.get("@lockowner")?.value, "Transaction"));
  if (held === undefined) return badParameter(frame, "sp_releaseapplock");
  const name = applicationLockName(session, resource);
  const index = held.lastIndexOf(name);
  if (index < 0) {
    const message = `Cannot release the application lock (Database Principal: 'public', Resource: '${resource}') because it is not currently held.`;
    frame.sink.error(sqlError(message, { number: 1223, line: 1, procedure: "sp_releaseapplock" }));
    return { status: BAD_PARAMETER, flow: "next" };
  }
  held.splice(index, 1);
  session.server.locks.release(session.id, name);
  return { status: 0, flow: "next" };
}

/** The locks of an owner. A transaction's need a transaction. */
function locksOf({ session }: Frame, owner: string): string[] | undefined {
  if (owner.toLowerCase() === "session") return session.locks;
  return owner.toLowerCase() === "transaction" ? session.transaction?.locks : undefined;
}

function badParameter(frame: Frame, procedure: string): CallResult {
  const message =
    frame.session.transaction === undefined
      ? "You attempted to acquire a transactional application lock without an active transaction."
      : `Parameter validation failed in ${procedure}.`;
  frame.sink.error(sqlError(message, { number: 3910, line: 1, procedure }));
  return { status: BAD_PARAMETER, flow: "next" };
}

/** The session ends: so do its locks. */
export function releaseSessionLocks(session: SessionState): void {
  for (const name of session.locks.splice(0)) session.server.locks.release(session.id, name);
}
