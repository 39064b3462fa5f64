import { sqlError } from "../errors.ts";
import type { Expression, Select } from "../syntax/expression.ts";
import { isAggregate } from "./functions/aggregate.ts";

/**
 * Every column outside an aggregate must be in GROUP BY.
 * @throws SqlError 8120 (select list)
 */
export function requireGrouped(select: Select): void {
  const expressions = select.items.flatMap((item) => (item.kind === "star" ? [] : [item.expression]));
  if (select.groupBy.length === 0 && !expressions.some(hasAggregate)) return;
  const groups = select.groupBy.map(keyOf);
  for (const expression of expressions) {
    const loose = findLoose(expression, groups);
    if (loose !== undefined) throw notGrouped(loose);
  }
}

/** An expression equal to a grouped one, or a column of the same last name, is grouped. */
function keyOf(expression: Expression): string {
  if (expression.kind === "column") return expression.parts.at(-1)?.toLowerCase() ?? "";
  return JSON.stringify(expression, (key, value: unknown) =>
    key === "line" ? undefined : typeof value === "bigint" ? String(value) : value,
  ).toLowerCase();
}

function findLoose(expression: Expression, groups: readonly string[]): readonly string[] | undefined {
  if (groups.includes(keyOf(expression))) return undefined;
  if (expression.kind === "column") return expression.parts;
  if (expression.kind === "call" && (isAggregate(expression.name) || expression.over !== undefined))
    return undefined;
  for (const child of childrenOf(expression)) {
    const loose = findLoose(child, groups);
    if (loose !== undefined) return loose;
  }
  return undefined;
}

function hasAggregate(expression: Expression): boolean {
  if (expression.kind === "call" && expression.over === undefined && isAggregate(expression.name))
    return true;
  return childrenOf(expression).some(hasAggregate);
}

/** The scalar parts; subqueries are their own world. */
function childrenOf(expression: Expression): readonly Expression[] {
  // eslint-disable-next-line @typescript-eslint/switch-exhaustiveness-check -- every other kind has no scalar parts
  switch (expression.kind) {
    case "binary":
      return [expression.left, expression.right];
    case "unary":
    case "cast":
    case "collate":
      return [expression.operand];
    case "call":
      return expression.arguments;
    case "case":
      return [
        ...expression.branches.map(({ then }) => then),
        ...(expression.otherwise ? [expression.otherwise] : []),
      ];
    default:
      return [];
  }
}

function notGrouped(parts: readonly string[]): Error {
  const name = parts.join(".");
  const message = `Column '${name}' is invalid in the select list because it is not contained in either an aggregate function or the GROUP BY clause.`;
  return sqlError(message, { number: 8120 });
}
