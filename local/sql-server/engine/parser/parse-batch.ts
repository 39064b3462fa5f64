import { tokenize } from "../lexer/tokenize.ts";
import type { Expression } from "../syntax/expression.ts";
import type { ParameterSyntax, Statement } from "../syntax/statement.ts";
import { Cursor, type Rules } from "./cursor.ts";
import { parseCondition, parseExpression } from "./expression.ts";
import { parseParameter } from "./module.ts";
import { parseQuery } from "./query.ts";
import { parseStatement } from "./statement.ts";

const RULES: Rules = {
  expression: parseExpression,
  condition: parseCondition,
  query: (cursor) => parseQuery(cursor),
  statement: parseStatement,
};

/** Batches come again and again (one package, many databases): the newest parses are kept. */
const CACHE_SIZE = 500;
const CACHED_TEXT_LENGTH = 100_000;
const batches = new Map<string, readonly Statement[]>();

/** @throws SqlError 102, 105, 111, 156, 40515 …: then nothing of the batch may run. */
export function parseBatch(text: string): readonly Statement[] {
  const known = batches.get(text);
  if (known !== undefined) return known;
  const cursor = openCursor(text);
  const statements: Statement[] = [];
  while (!cursor.atEnd) if (!cursor.accept(";")) statements.push(cursor.statement());
  if (text.length <= CACHED_TEXT_LENGTH) {
    if (batches.size >= CACHE_SIZE) batches.delete(batches.keys().next().value ?? "");
    batches.set(text, statements);
  }
  return statements;
}

/** Of a default, as the catalogue keeps it. */
export function parseExpressionText(text: string): Expression {
  return openCursor(text).expression();
}

/** Of a CHECK constraint or a filtered index. */
export function parseConditionText(text: string): Expression {
  return openCursor(text).condition();
}

/** The second parameter of sp_executesql: `@a int, @b nvarchar(50) OUTPUT`. */
export function parseParameters(text: string): readonly ParameterSyntax[] {
  if (text.trim() === "") return [];
  const cursor = openCursor(text);
  const parameters = cursor.list(() => parseParameter(cursor));
  cursor.expectEnd();
  return parameters;
}

function openCursor(text: string): Cursor {
  return new Cursor(text, tokenize(text), RULES);
}
