import type { IsolationLevel } from "../../../session.ts";
import { sqlError } from "../../errors.ts";
import { unsupported } from "../../parser/cursor.ts";
import type { Statement } from "../../syntax/statement.ts";
import { requireTable } from "../../write/target.ts";
import { keyOf } from "../../catalog/model.ts";
import type { Frame, SessionOptions } from "../session-state.ts";

type SetOption = Extract<Statement, { kind: "setOption" }>;

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
CONCAT_NULL_YIELDS_NULL CONTEXT_INFO CURSOR_CLOSE_ON_COMMIT DATEFIRST DATEFORMAT DEADLOCK_PRIORITY FMTONLY FORCEPLAN IO
LANGUAGE NO_BROWSETABLE NUMERIC_ROUNDABORT PROFILE QUERY_GOVERNOR_COST_LIMIT QUOTED_IDENTIFIER REMOTE_PROC_TRANSACTIONS
TEXTSIZE TIME XML`.split(/\s+/),
);

/** SET …: what changes the session, changes it until its procedure or connection ends. */
export function runSetOption(frame: Frame, { options, value }: SetOption): void {
  const [first = ""] = options;
  if (first === "IDENTITY_INSERT") setIdentityInsert(frame, options, value);
  else for (const name of options) change(frame, toChange(name, value));
  frame.sink.done(undefined);
}

function change(frame: Frame, changes: Partial<SessionOptions>): void {
  frame.session.options = { ...frame.session.options, ...changes };
}

/** @throws SqlError 195, 40515 */
function toChange(name: string, value: string): Partial<SessionOptions> {
  switch (name) {
    case "NOCOUNT":
      return { noCount: value === "ON" };
    case "XACT_ABORT":
      return { abortOnError: value === "ON" };
    case "LOCK_TIMEOUT":
      return { lockTimeout: Number(value) };
    case "ROWCOUNT":
      return { rowLimit: Number(value) };
    case "ISOLATION":
      return { isolation: ISOLATIONS[value] ?? "readCommitted" };
    case "IMPLICIT_TRANSACTIONS":
    case "NOEXEC":
    case "PARSEONLY":
    case "SHOWPLAN_ALL":
    case "SHOWPLAN_TEXT":
    case "SHOWPLAN_XML":
      if (value === "ON") throw unsupported(`'SET ${name} ON'`, 0);
      return {};
    default:
      if (IGNORED.has(name)) return {};
      throw sqlError(`'${name}' is not a recognized SET option.`, { number: 195, class: 15, state: 7 });
  }
}

/** @throws SqlError 208, 8106 (no identity column), 8107 (another table has it) */
function setIdentityInsert(frame: Frame, [, schema = "", name = ""]: readonly string[], value: string): void {
  const table = requireTable(frame, { database: "", schema, name, line: 0 });
  const key = keyOf(table.schema, table.name);
  const { identityInsert } = frame.session.options;
  if (!table.columns.some((column) => column.identity !== undefined)) {
    const message = `Table '${table.name}' does not have the identity property. Cannot perform SET operation.`;
    throw sqlError(message, { number: 8106 });
  }
  if (value === "ON" && identityInsert !== "" && identityInsert !== key) {
    const message = `IDENTITY_INSERT is already ON for table '${identityInsert}'. Cannot perform SET operation for table '${table.name}'.`;
    throw sqlError(message, { number: 8107 });
  }
  if (value === "ON") change(frame, { identityInsert: key });
  else if (identityInsert === key) change(frame, { identityInsert: "" });
}
