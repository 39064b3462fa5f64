import type { Expression } from "../syntax/expression.ts";
import { undeclaredVariable } from "../errors.ts";
import { SESSION_FACTS } from "../catalog/session-facts.ts";
import { translateArithmetic, translateUnary } from "./arithmetic.ts";
import { translateCase } from "./case.ts";
import { coerce, convertSql } from "./coerce.ts";
import { translateCall } from "./functions/call.ts";
import { translatePredicate } from "./predicate.ts";
import { resolveColumn } from "./resolve.ts";
import { bind, quoteText, type Fragment, type Scope, type Translation } from "./translation.ts";
import { unsupported } from "../parser/cursor.ts";

/** @throws SqlError 137, 195, 207, 4104 … */
export function translateExpression(
  translation: Translation,
  expression: Expression,
  scope: Scope,
): Fragment {
  switch (expression.kind) {
    case "literal":
      return translateLiteral(translation, expression);
    case "variable":
      return translateVariable(translation, expression.name, expression.line);
    case "column":
      return resolveColumn(expression, scope);
    case "unary":
      return translateUnary(translation, expression, scope);
    case "binary":
      return translateArithmetic(translation, expression, scope);
    case "call":
      return translateCall(translation, expression, scope);
    case "cast":
      return translateCast(translation, expression, scope);
    case "case":
      return translateCase(translation, expression, scope);
    case "subquery":
      return translateSubquery(translation, expression, scope);
    case "collate":
      return translation.expression(expression.operand, scope);
    case "default":
      throw unsupported("DEFAULT outside VALUES and SET");
    default:
      return translatePredicate(translation, expression, scope);
  }
}

type Of<Kind extends Expression["kind"]> = Extract<Expression, { kind: Kind }>;

function translateLiteral(translation: Translation, { value, type }: Of<"literal">): Fragment {
  if (value === null) return { sql: "NULL", type, nullable: true, isNull: true };
  if (typeof value === "string" && !value.includes("\u0000"))
    return { sql: quoteText(value), type, nullable: false };
  if (typeof value === "number" && type.name === "int") return { sql: String(value), type, nullable: false };
  return { sql: bind(translation, { kind: "constant", value }), type, nullable: false };
}

function translateVariable(translation: Translation, name: string, line: number): Fragment {
  if (name.startsWith("@@")) {
    const type = SESSION_FACTS[name.toUpperCase()];
    if (type === undefined) throw undeclaredVariable(name, line);
    return { sql: bind(translation, { kind: "fact", name: name.toUpperCase() }), type, nullable: false };
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
