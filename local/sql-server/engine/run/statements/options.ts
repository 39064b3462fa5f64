import { sqlError } from "../../errors.ts";
import type { Statement } from "../../syntax/statement.ts";
import { toChange } from "./option-changes.ts";
import { requireTable } from "../../write/target.ts";
import { keyOf } from "../../catalog/model.ts";
import type { Frame, SessionOptions } from "../session-state.ts";

type SetOption = Extract<Statement, { kind: "setOption" }>;

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
