import type { IsolationLevel } from "../../../session.ts";
import { sqlError } from "../../errors.ts";
import { unsupported } from "../../parser/cursor.ts";
import type { SessionOptions } from "../session-state.ts";

const ISOLATIONS: Readonly<Record<string, IsolationLevel>> = {
  "READ UNCOMMITTED": "readUncommitted",
  "READ COMMITTED": "readCommitted",
  "REPEATABLE READ": "repeatableRead",
  SERIALIZABLE: "serializable",
  SNAPSHOT: "snapshot",
};

/** Options that change how results look, plans are made or errors are told: accepted, of no effect here. */
const IGNORED = new Set(
  `ANSI_DEFAULTS ANSI_NULL_DFLT_OFF ANSI_NULL_DFLT_ON ANSI_NULLS ANSI_PADDING ANSI_WARNINGS ARITHABORT ARITHIGNORE
CONCAT_NULL_YIELDS_NULL CONTEXT_INFO CURSOR_CLOSE_ON_COMMIT DATEFIRST DATEFORMAT DEADLOCK_PRIORITY FORCEPLAN IO
LANGUAGE NO_BROWSETABLE NUMERIC_ROUNDABORT PROFILE QUERY_GOVERNOR_COST_LIMIT QUOTED_IDENTIFIER REMOTE_PROC_TRANSACTIONS
TIME XML`.split(/\s+/),
);

/** They change what runs at all: ON cannot be ignored. */
const ONLY_OFF = new Set(
  "IMPLICIT_TRANSACTIONS NOEXEC PARSEONLY SHOWPLAN_ALL SHOWPLAN_TEXT SHOWPLAN_XML".split(" "),
);

const CHANGES: Readonly<Record<string, (value: string) => Partial<SessionOptions>>> = {
  FMTONLY: (value) => ({ formatOnly: value === "ON" }),
  NOCOUNT: (value) => ({ noCount: value === "ON" }),
  XACT_ABORT: (value) => ({ abortOnError: value === "ON" }),
  LOCK_TIMEOUT: (value) => ({ lockTimeout: Number(value) }),
  ROWCOUNT: (value) => ({ rowLimit: Number(value) }),
  TEXTSIZE: (value) => ({ textSize: toTextSize(Number(value)) }),
  ISOLATION: (value) => ({ isolation: ISOLATIONS[value] ?? "readCommitted" }),
};

/** 0 means the default, -1 no limit (learn.microsoft.com, SET TEXTSIZE). */
function toTextSize(value: number): number {
  if (value === 0) return 4096;
  return value < 0 ? 2_147_483_647 : value;
}

/** What a SET option changes in the session. @throws SqlError 195, 40515 */
export function toChange(name: string, value: string): Partial<SessionOptions> {
  const change = CHANGES[name];
  if (change !== undefined) return change(value);
  if (ONLY_OFF.has(name) && value === "ON") throw unsupported(`'SET ${name} ON'`, 0);
  if (ONLY_OFF.has(name) || IGNORED.has(name)) return {};
  throw sqlError(`'${name}' is not a recognized SET option.`, { number: 195, class: 15, state: 7 });
}
