import type { Expression, Predicate } from "../syntax/expression.ts";
import { BIT, NVARCHAR_MAX } from "../types/sql-type.ts";
import { coerce, comparable, commonTypeOf } from "./coerce.ts";
import type { Fragment, Scope, Translation } from "./translation.ts";

type Of<Kind extends Predicate["kind"]> = Extract<Predicate, { kind: Kind }>;

/** Conditions: 1, 0 or NULL in SQLite, which T-SQL never shows as a value. */
export function translatePredicate(translation: Translation, predicate: Predicate, scope: Scope): Fragment {
  return { sql: toSql(translation, predicate, scope), type: BIT, nullable: true };
}

function toSql(translation: Translation, predicate: Predicate, scope: Scope): string {
  const sqlOf = (expression: Expression): string => translation.expression(expression, scope).sql;
  switch (predicate.kind) {
    case "and":
      return `(${sqlOf(predicate.left)} AND ${sqlOf(predicate.right)})`;
    case "or":
      return `(${sqlOf(predicate.left)} OR ${sqlOf(predicate.right)})`;
    case "not":
      return `(NOT ${sqlOf(predicate.operand)})`;
    case "isNull":
      return `(${sqlOf(predicate.operand)} IS ${predicate.negated ? "NOT " : ""}NULL)`;
    case "exists":
      return `EXISTS (${translation.query(predicate.query, { ...scope, sources: [], parent: scope }).sql})`;
    case "comparison":
      return compare(translation, predicate, scope);
    case "between":
      return between(translation, predicate, scope);
    case "like":
      return like(translation, predicate, scope);
    case "in":
      return isIn(translation, predicate, scope);
  }
}

function compare(translation: Translation, predicate: Of<"comparison">, scope: Scope): string {
  const left = translation.expression(predicate.left, scope);
  const right = translation.expression(predicate.right, scope);
  return `(${comparable(left, right).join(` ${predicate.operator} `)})`;
}

function between(translation: Translation, predicate: Of<"between">, scope: Scope): string {
  const operand = translation.expression(predicate.operand, scope);
  const low = comparable(operand, translation.expression(predicate.low, scope)).join(" >= ");
  const high = comparable(operand, translation.expression(predicate.high, scope)).join(" <= ");
  return `(${predicate.negated ? "NOT " : ""}(${low} AND ${high}))`;
}

function like(translation: Translation, predicate: Of<"like">, scope: Scope): string {
  const texts = [
    predicate.operand,
    predicate.pattern,
    ...(predicate.escape === undefined ? [] : [predicate.escape]),
  ];
  const values = texts.map((text) => coerce(translation.expression(text, scope), NVARCHAR_MAX).sql);
  return `(${predicate.negated ? "NOT " : ""}t_like(${values.join(", ")}))`;
}

function isIn(translation: Translation, predicate: Of<"in">, scope: Scope): string {
  const operand = translation.expression(predicate.operand, scope);
  const negation = predicate.negated ? "NOT " : "";
  if (!Array.isArray(predicate.list)) {
    const query = translation.query(predicate.list as Exclude<typeof predicate.list, readonly Expression[]>, {
      ...scope,
      sources: [],
      parent: scope,
    });
    const element: Fragment = { sql: '"c"', type: query.columns[0]?.type ?? BIT, nullable: true };
    const type = commonTypeOf([operand, element]);
    const [left] = comparable(operand, element);
    const list = `WITH "q"("c") AS (${query.sql}) SELECT ${coerce(element, type).sql} FROM "q"`;
    return `(${left} ${negation}IN (${list}))`;
  }
  const values = (predicate.list as readonly Expression[]).map((value) =>
    translation.expression(value, scope),
  );
  const type = commonTypeOf([operand, ...values]);
  const typed = coerce(operand, type);
  const [left] = comparable(typed, { ...typed, isNull: false });
  return `(${left} ${negation}IN (${values.map((value) => coerce(value, type).sql).join(", ")}))`;
}
