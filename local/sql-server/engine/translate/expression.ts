import type { SqlType } from "../../session.ts";
import { fromStored } from "../types/exact.ts";
import { isExact } from "../types/sql-type.ts";
import { isPredicate, type Expression, type Predicate } from "../syntax/expression.ts";
import { undeclaredVariable } from "../errors.ts";
import { SESSION_FACTS } from "../catalog/session-facts.ts";
import { translateArithmetic, translateUnary } from "./arithmetic.ts";
import { translateCase } from "./case.ts";
import { coerce, convertSql } from "./coerce.ts";
import { translateCall } from "./functions/call.ts";
import { translatePredicate } from "./predicate.ts";
import { resolveColumn } from "./resolve.ts";
import { sessionFact } from "./session-fact.ts";
import { bind, quoteText, type Fragment, type Scope, type Translation } from "./translation.ts";
import { unsupported } from "../parser/cursor.ts";

type Rules = {
  readonly [Kind in Exclude<Expression, Predicate>["kind"]]: (
    translation: Translation,
    expression: Of<Kind>,
    scope: Scope,
  ) => Fragment;
};

const RULES: Rules = {
  literal: translateLiteral,
  variable: (translation, { name, line }) => translateVariable(translation, name, line),
  column: ({ state }, reference, scope) => {
    state.usesColumns = true;
    return resolveColumn(reference, scope);
  },
  unary: translateUnary,
  binary: translateArithmetic,
  call: translateCall,
  cast: translateCast,
  case: translateCase,
  subquery: translateSubquery,
  collate: (translation, { operand }, scope) => translation.expression(operand, scope),
  default: () => {
    throw unsupported("DEFAULT outside VALUES and SET", 0);
  },
};

type AnyRule = (translation: Translation, expression: Expression, scope: Scope) => Fragment;

/** @throws SqlError 137, 195, 207, 4104 … */
export function translateExpression(
  translation: Translation,
  expression: Expression,
  scope: Scope,
): Fragment {
  if (isPredicate(expression)) return translatePredicate(translation, expression, scope);
  // The table has, for every kind, the rule of that kind.
  return (RULES[expression.kind] as AnyRule)(translation, expression, scope);
}

type Of<Kind extends Expression["kind"]> = Extract<Expression, { kind: Kind }>;

function translateLiteral(translation: Translation, { value, type }: Of<"literal">): Fragment {
  if (value === null) return { sql: "NULL", type, nullable: true, isNull: true };
  if (typeof value === "string" && isExact(type)) return exactLiteral(value, type);
  if (typeof value === "string" && !value.includes("\u0000"))
    return { sql: quoteText(value), type, nullable: false };
  if (typeof value === "number" && type.name === "int") return { sql: String(value), type, nullable: false };
  return { sql: bind(translation, { kind: "constant", value }), type, nullable: false };
}

function exactLiteral(value: string, type: SqlType): Fragment {
  const { digits, scale } = fromStored(value);
  const whole = scale === 0 && BigInt.asIntN(64, digits) === digits;
  return {
    sql: quoteText(value),
    type,
    nullable: false,
    ...(whole ? { asInteger: digits.toString() } : {}),
  };
}

function translateVariable(translation: Translation, name: string, line: number): Fragment {
  if (name.startsWith("@@")) {
    const type = SESSION_FACTS[name.toUpperCase()];
    if (type === undefined) throw undeclaredVariable(name, line);
    return { ...sessionFact(translation, name.toUpperCase(), type), nullable: false };
  }
  const type = translation.variableType(name.toLowerCase());
  if (type === undefined) throw undeclaredVariable(name, line);
  if (translation.liveVariables.has(name.toLowerCase())) {
    return { sql: `t_variable(${quoteText(name.toLowerCase())})`, type, nullable: true };
  }
  return {
    sql: bind(translation, { kind: "variable", name: name.toLowerCase(), type }),
    type,
    nullable: true,
  };
}

function translateCast(translation: Translation, expression: Of<"cast">, scope: Scope): Fragment {
  const { type, attempt } = expression;
  const operand = translation.expression(expression.operand, scope);
  const style = expression.style === undefined ? "NULL" : translation.expression(expression.style, scope).sql;
  return { sql: convertSql(operand, type, style, attempt), type, nullable: operand.nullable || attempt };
}

function translateSubquery(translation: Translation, expression: Of<"subquery">, scope: Scope): Fragment {
  const { sql, columns } = translation.query(expression.query, { ...scope, sources: [], parent: scope });
  const type = columns[0]?.type ?? { name: "int" };
  return { ...coerce({ sql: `(${sql})`, type, nullable: true }, type) };
}
