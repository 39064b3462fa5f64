import type { Expression, Predicate } from "../syntax/expression.ts";
import { BIT, NVARCHAR_MAX } from "../types/sql-type.ts";
import { coerce, comparable, commonTypeOf } from "./coerce.ts";
import type { Fragment, Scope, Translation } from "./translation.ts";

type Of<Kind extends Predicate["kind"]> = Extract<Predicate, { kind: Kind }>;

/** Conditions: 1, 0 or NULL in SQLite, which T-SQL never shows as a value. */
export function translatePredicate(translation: Translation, predicate: Predicate, scope: Scope): Fragment {
  return { sql: toSql(translation, predicate, scope), type: BIT, nullable: true };
}

type Rules = {
  readonly [Kind in Predicate["kind"]]: (
    translation: Translation,
    predicate: Of<Kind>,
    scope: Scope,
  ) => string;
};

const RULES: Rules = {
  and: (translation, { left, right }, scope) => both(translation, [left, right], "AND", scope),
  or: (translation, { left, right }, scope) => both(translation, [left, right], "OR", scope),
  not: (translation, { operand }, scope) => `(NOT ${translation.expression(operand, scope).sql})`,
  isNull: (translation, { operand, negated }, scope) =>
    `(${translation.expression(operand, scope).sql} IS ${negated ? "NOT " : ""}NULL)`,
  exists: (translation, { query }, scope) =>
    `EXISTS (${translation.query(query, { ...scope, sources: [], parent: scope }).sql})`,
  comparison: compare,
  between,
  like,
  in: isIn,
};

type AnyRule = (translation: Translation, predicate: Predicate, scope: Scope) => string;

function toSql(translation: Translation, predicate: Predicate, scope: Scope): string {
  // The table has, for every kind, the rule of that kind.
  return (RULES[predicate.kind] as AnyRule)(translation, predicate, scope);
}

function both(translation: Translation, sides: readonly Expression[], word: string, scope: Scope): string {
  return `(${sides.map((side) => translation.expression(side, scope).sql).join(` ${word} `)})`;
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
