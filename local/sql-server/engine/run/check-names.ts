import { SqlError } from "../../session.ts";
import type { Expression, Query } from "../syntax/expression.ts";
import type { Statement } from "../syntax/statement.ts";
import { planExpression, planQuery } from "../translate/plan.ts";
import { checkInsert } from "../write/insert.ts";
import { checkDelete } from "../write/delete.ts";
import { checkUpdate } from "../write/update.ts";
import { currentView } from "./connections.ts";
import { planOnce } from "./plan-cache.ts";
import type { Frame } from "./session-state.ts";

/** What SQL Server finds before a scope runs. A missing table is not among it: that is found when it is reached. */
const EARLY = new Set([107, 137, 174, 195, 207, 209, 4104]);

/**
 * Compiles a scope's statements against the database as it is now, in the order of the text, so that a wrong
 * column of a table that exists stops the scope before its first statement.
 * @throws SqlError 107, 137, 174, 195, 207, 209, 4104
 */
export function checkNames(frame: Frame, statements: readonly Statement[]): void {
  const declared: Frame = { ...frame, variables: new Map(frame.variables) };
  for (const statement of statements) checkStatement(declared, statement);
}

function checkStatement(frame: Frame, statement: Statement): void {
  for (const expression of expressionsOf(statement)) {
    attempt(statement, () => {
      checkExpression(frame, expression);
    });
  }
  if (statement.kind === "declare") declare(frame, statement);
  attempt(statement, () => {
    checkData(frame, statement);
  });
  for (const inner of innerStatements(statement)) checkStatement(frame, inner);
}

function declare(frame: Frame, statement: Extract<Statement, { kind: "declare" }>): void {
  for (const { name, type, table } of statement.variables) {
    if (table === undefined) frame.variables.set(name.toLowerCase(), { type, value: null });
  }
}

function attempt(statement: Statement, check: () => void): void {
  try {
    check();
  } catch (error) {
    if (!(error instanceof SqlError)) throw error;
    if (!EARLY.has(error.number)) return;
    const { message, number, state, class: severity } = error;
    throw new SqlError(message, {
      number,
      state,
      class: severity,
      line: error.line === 0 ? statement.line : error.line,
    });
  }
}

function checkExpression(frame: Frame, expression: Expression): void {
  if (expression.kind === "literal" || expression.kind === "default") return;
  planOnce(frame, expression, (view, variables) => planExpression(view, variables, expression));
}

function checkData(frame: Frame, statement: Statement): void {
  // eslint-disable-next-line @typescript-eslint/switch-exhaustiveness-check -- only these read columns
  switch (statement.kind) {
    case "select": {
      const { query } = statement;
      if (assignsVariables(query))
        planQuery(currentView(frame.session), (name) => frame.variables.get(name)?.type, query);
      else planOnce(frame, query, (view, variables) => planQuery(view, variables, query));
      return;
    }
    case "insert":
      checkInsert(frame, statement);
      return;
    case "update":
      checkUpdate(frame, statement);
      return;
    case "delete":
      checkDelete(frame, statement);
      return;
    default:
  }
}

/** Such a query is planned in another way when it runs. */
function assignsVariables({ body }: Query): boolean {
  return body.kind === "select" && body.items.some((item) => item.kind === "assign");
}

function expressionsOf(statement: Statement): readonly Expression[] {
  // eslint-disable-next-line @typescript-eslint/switch-exhaustiveness-check -- the others hold no expression of their own
  switch (statement.kind) {
    case "declare":
      return statement.variables.flatMap(({ value }) => (value === undefined ? [] : [value]));
    case "setVariable":
      return [{ kind: "variable", name: statement.variable, line: statement.line }, statement.value];
    case "if":
    case "while":
      return [statement.condition];
    case "print":
      return [statement.value];
    case "raiserror":
      return [statement.message, statement.severity, statement.state, ...statement.arguments];
    case "execute":
      return statement.arguments.map(({ value }) => value);
    case "return":
      return statement.value === undefined ? [] : [statement.value];
    default:
      return [];
  }
}

function innerStatements(statement: Statement): readonly Statement[] {
  // eslint-disable-next-line @typescript-eslint/switch-exhaustiveness-check -- the others hold no statements
  switch (statement.kind) {
    case "if":
      return statement.otherwise === undefined ? [statement.then] : [statement.then, statement.otherwise];
    case "while":
      return [statement.body];
    case "block":
      return statement.body;
    case "tryCatch":
      return [...statement.body, ...statement.handler];
    default:
      return [];
  }
}
