import QuickLRU from "quick-lru";
import type { TableColumn } from "../catalog/model.ts";
import { parseExpressionText } from "../parser/parse-batch.ts";
import type { Expression } from "../syntax/expression.ts";
import { evaluate, type TypedValue } from "../run/evaluate.ts";
import type { Frame } from "../run/session-state.ts";

/** By text: the same default is in many databases. */
const expressions = new QuickLRU<string, Expression>({ maxSize: 1_000 });

export function defaultOf(frame: Frame, column: TableColumn): TypedValue {
  if (column.default === undefined) return { value: null, type: column.type };
  return evaluate(frame, parseDefault(column.default.text));
}

function parseDefault(text: string): Expression {
  const known = expressions.get(text);
  if (known !== undefined) return known;
  const expression = parseExpressionText(text);
  expressions.set(text, expression);
  return expression;
}
