import QuickLRU from "quick-lru";
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

/** Batches come again and again (one package, many databases): what was used last is kept. */
const maxSize = 500;
const CACHED_TEXT_LENGTH = 100_000;
const batches = new QuickLRU<string, readonly Statement[]>({ maxSize });
const parameterLists = new QuickLRU<string, readonly ParameterSyntax[]>({ maxSize });

/** @throws SqlError 102, 105, 111, 156, 40515 …: then nothing of the batch may run. */
export function parseBatch(text: string): readonly Statement[] {
  return parseOnce(batches, text, (cursor) => {
    const statements: Statement[] = [];
    while (!cursor.atEnd) if (!cursor.accept(";")) statements.push(cursor.statement());
    return statements;
  });
}

function parseOnce<T>(cache: QuickLRU<string, T>, text: string, parse: (cursor: Cursor) => T): T {
  const known = cache.get(text);
  if (known !== undefined) return known;
  const parsed = parse(openCursor(text));
  if (text.length <= CACHED_TEXT_LENGTH) cache.set(text, parsed);
  return parsed;
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
  return parseOnce(parameterLists, text, (cursor) => {
    const parameters = cursor.list(() => parseParameter(cursor));
    cursor.expectEnd();
    return parameters;
  });
}

function openCursor(text: string): Cursor {
  return new Cursor(text, tokenize(text), RULES);
}
