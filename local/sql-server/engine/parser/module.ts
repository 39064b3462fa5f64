import { SqlError } from "../../session.ts";
import type { DefinitionStatement, ModuleSyntax, ParameterSyntax, Statement } from "../syntax/statement.ts";
import type { Cursor } from "./cursor.ts";
import { parseDataType } from "./data-type.ts";
import { parseObjectName } from "./object-name.ts";

type Module = Extract<DefinitionStatement, { kind: "view" | "procedure" }>;

const KINDS: Readonly<Record<string, string>> = {
  VIEW: "VIEW",
  PROCEDURE: "PROCEDURE",
  PROC: "PROCEDURE",
  FUNCTION: "FUNCTION",
  TRIGGER: "TRIGGER",
};

/** CREATE, ALTER or CREATE OR ALTER, then VIEW, PROCEDURE, FUNCTION or TRIGGER. */
export function startsModule(cursor: Cursor): boolean {
  const distance = cursor.isNext("CREATE", "OR", "ALTER") ? 3 : 1;
  const token = cursor.peek(distance);
  return token.kind === "word" && token.value in KINDS;
}

/** @throws SqlError 111 when it is not the batch's first statement, 40515 for functions and triggers. */
export function parseModule(cursor: Cursor): Module {
  const { line, start } = cursor.token;
  const first = cursor.mark() === 0;
  const mode = cursor.accept("CREATE", "OR", "ALTER")
    ? "createOrAlter"
    : cursor.accept("CREATE")
      ? "create"
      : (cursor.expect("ALTER"), "alter");
  const kind = KINDS[cursor.next().value] ?? "";
  if (kind === "FUNCTION" || kind === "TRIGGER") throw cursor.unsupported(`'CREATE ${kind}'`);
  if (!first) {
    const verb = mode === "alter" ? "ALTER" : "CREATE";
    const message = `'${verb} ${kind}' must be the first statement in a query batch.`;
    throw new SqlError(message, { number: 111, class: 15, line });
  }
  const name = parseObjectName(cursor);
  const finish = (): ModuleSyntax => ({ mode, name, definition: cursor.source.slice(start) });
  return kind === "VIEW" ? parseView(cursor, finish) : parseProcedure(cursor, finish);
}

function parseView(cursor: Cursor, finish: () => ModuleSyntax): Module {
  const columns = cursor.isNext("(")
    ? cursor.parenthesized(() => cursor.list(() => cursor.identifier()))
    : [];
  skipWith(cursor);
  cursor.expect("AS");
  const query = cursor.query();
  cursor.accept("WITH", "CHECK", "OPTION");
  return { kind: "view", module: finish(), columns, query };
}

function parseProcedure(cursor: Cursor, finish: () => ModuleSyntax): Module {
  const parenthesis = cursor.accept("(");
  const parameters = cursor.token.kind === "variable" ? cursor.list(() => parseParameter(cursor)) : [];
  if (parenthesis) cursor.expect(")");
  skipWith(cursor);
  cursor.expect("AS");
  const body: Statement[] = [];
  while (!cursor.atEnd) if (!cursor.accept(";")) body.push(cursor.statement());
  return { kind: "procedure", module: finish(), parameters, body };
}

/** `@a int = 1 OUTPUT`; sp_executesql declares its parameters the same way. */
export function parseParameter(cursor: Cursor): ParameterSyntax {
  const name = cursor.variable();
  cursor.accept("AS");
  const { type } = parseDataType(cursor);
  const value = cursor.accept("=") ? cursor.expression() : undefined;
  const output = cursor.accept("OUTPUT") || cursor.accept("OUT");
  cursor.accept("READONLY");
  return { name, type, output, ...(value === undefined ? {} : { default: value }) };
}

/** WITH SCHEMABINDING, RECOMPILE, ENCRYPTION, EXECUTE AS OWNER …: of no effect here. */
function skipWith(cursor: Cursor): void {
  if (!cursor.accept("WITH")) return;
  while (!cursor.isNext("AS") || cursor.peek(1).value === "OWNER" || cursor.peek(1).value === "CALLER") {
    if (cursor.next().kind === "end") throw cursor.unexpected();
  }
}
