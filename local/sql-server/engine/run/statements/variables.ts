import { sqlError, undeclaredVariable } from "../../errors.ts";
import { createTable } from "../../define/create-table.ts";
import type { Statement } from "../../syntax/statement.ts";
import { evaluateAs } from "../evaluate.ts";
import type { Frame } from "../session-state.ts";
import { write } from "../transactions.ts";

type Of<Kind extends Statement["kind"]> = Extract<Statement, { kind: Kind }>;

/** @throws SqlError 134 when the name is taken in this batch. */
export async function runDeclare(frame: Frame, statement: Of<"declare">): Promise<void> {
  for (const { name, type, value, table } of statement.variables) {
    const key = name.toLowerCase();
    if (table !== undefined) {
      await write(frame.session, frame.signal, (connection) => {
        createTable(frame.session, connection, table);
      });
      continue;
    }
    const known = frame.variables.get(key);
    // A DECLARE inside a loop runs again; only another type is another variable.
    if (known !== undefined && known.type !== type) throw alreadyDeclared(name);
    const variable = known ?? { type, value: null };
    frame.variables.set(key, variable);
    if (value !== undefined) variable.value = evaluateAs(frame, value, type);
  }
}

function alreadyDeclared(name: string): Error {
  const message = `The variable name '${name}' has already been declared. Variable names must be unique within a query batch or stored procedure.`;
  return sqlError(message, { number: 134, class: 15 });
}

export function runSetVariable(frame: Frame, statement: Of<"setVariable">): void {
  const variable = frame.variables.get(statement.variable.toLowerCase());
  if (variable === undefined) throw undeclaredVariable(statement.variable);
  variable.value = evaluateAs(frame, statement.value, variable.type);
  frame.session.rowCount = 1;
  frame.sink.done(undefined);
}
