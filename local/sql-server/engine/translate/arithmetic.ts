import type { SqlType } from "../../session.ts";
import { sqlError } from "../errors.ts";
import type { ArithmeticOperator, Expression } from "../syntax/expression.ts";
import { toStored } from "../types/exact.ts";
import {
  commonType,
  digitsOf,
  FLOAT,
  isBinary,
  isDate,
  isExact,
  isInteger,
  isString,
} from "../types/sql-type.ts";
import { coerce, toOperand } from "./coerce.ts";
import { typeKey, type Fragment, type Scope, type Translation } from "./translation.ts";

type Of<Kind extends Expression["kind"]> = Extract<Expression, { kind: Kind }>;

export function translateUnary(translation: Translation, expression: Of<"unary">, scope: Scope): Fragment {
  const operand = translation.expression(expression.operand, scope);
  if (isString(operand.type)) throw invalidOperator(operand.type, expression.operator);
  if (!isExact(operand.type)) {
    return { ...operand, sql: `(${expression.operator} ${operand.sql})`, identity: false };
  }
  if (expression.operator === "~") throw invalidOperator(operand.type, "~");
  const sql = exactSql("-", `'${toStored({ digits: 0n, scale: 0 })}'`, operand.sql, operand.type);
  return { sql, type: operand.type, nullable: operand.nullable };
}

/** Adds, joins text, moves dates. @throws SqlError 402, 8117 */
export function translateArithmetic(
  translation: Translation,
  expression: Of<"binary">,
  scope: Scope,
): Fragment {
  const { operator } = expression;
  const left = translation.expression(expression.left, scope);
  const right = translation.expression(expression.right, scope);
  if (isDate(left.type) || isDate(right.type)) return moveDate(operator, left, right);
  if (isTextual(left) && isTextual(right)) return joinText(operator, left, right);
  const common = meet(left, right);
  if (common.name === "uniqueidentifier" || isBinary(common)) throw invalidOperator(common, operator);
  const type = resultType(operator, left, right, common.name === "bit" ? { name: "int" } : common);
  const sql = operate(operator, toOperand(left, common).sql, toOperand(right, common).sql, type);
  return { sql, type, nullable: left.nullable || right.nullable };
}

/** Text gives way to the other side's type. */
function meet(left: Fragment, right: Fragment): SqlType {
  if (isTextual(left)) return right.type;
  return isTextual(right) ? left.type : commonType(left.type, right.type);
}

function joinText(operator: ArithmeticOperator, left: Fragment, right: Fragment): Fragment {
  if (operator !== "+") throw invalidOperator(left.type, operator);
  const nullable = left.nullable || right.nullable;
  return { sql: `(${left.sql} || ${right.sql})`, type: joinedType(left.type, right.type), nullable };
}

function isTextual({ type, isNull }: Fragment): boolean {
  return isString(type) || isNull === true;
}

function exactSql(operator: string, left: string, right: string, type: SqlType): string {
  return `t_exact('${operator}', ${left}, ${right}, ${typeKey(type)})`;
}

function operate(operator: ArithmeticOperator, left: string, right: string, type: SqlType): string {
  if (isExact(type)) {
    if ("&|^".includes(operator)) throw invalidOperator(type, operator);
    return exactSql(operator, left, right, type);
  }
  if (operator === "/") return `t_div(${left}, ${right}, ${isInteger(type) ? 1 : 0})`;
  if (operator === "%") return `t_mod(${left}, ${right})`;
  if (operator === "^") return `t_xor(${left}, ${right})`;
  return `(${left} ${operator} ${right})`;
}

/** learn.microsoft.com, "Precision, scale, and length": only exact numbers change their shape. */
function resultType(operator: ArithmeticOperator, left: Fragment, right: Fragment, common: SqlType): SqlType {
  if (common.name !== "decimal") return common;
  const [p1, s1] = shapeOf(left, common);
  const [p2, s2] = shapeOf(right, common);
  if (operator === "*") return decimal(p1 + p2 + 1, s1 + s2);
  if (operator === "/") return decimal(p1 - s1 + s2 + Math.max(6, s1 + p2 + 1), Math.max(6, s1 + p2 + 1));
  const scale = Math.max(s1, s2);
  return decimal(Math.max(p1 - s1, p2 - s2) + scale + 1, scale);
}

/** A whole literal has as many digits as it is written with, not those of int. */
function shapeOf({ sql, type }: Fragment, common: SqlType): readonly [number, number] {
  if (/^\d+$/.test(sql)) return [sql.length, 0];
  return digitsOf(isString(type) ? common : type);
}

function decimal(precision: number, scale: number): SqlType {
  if (precision <= 38) return { name: "decimal", precision, scale };
  const whole = precision - scale;
  return { name: "decimal", precision: 38, scale: Math.max(Math.min(scale, 6), Math.min(scale, 38 - whole)) };
}

function joinedType(left: SqlType, right: SqlType): SqlType {
  const national = left.name.startsWith("n") || right.name.startsWith("n");
  const name = national ? "nvarchar" : "varchar";
  if (left.length === "max" || right.length === "max") return { name, length: "max" };
  return { name, length: Math.min(national ? 4000 : 8000, (left.length ?? 1) + (right.length ?? 1)) };
}

/** datetime + 1 is a day later. */
function moveDate(operator: ArithmeticOperator, left: Fragment, right: Fragment): Fragment {
  const [date, amount] = isDate(left.type) ? [left, right] : [right, left];
  const moves = date.type.name === "datetime" || date.type.name === "smalldatetime";
  if (!moves || (operator !== "+" && operator !== "-") || isDate(amount.type)) {
    throw sqlError(
      `The data types ${left.type.name} and ${right.type.name} are incompatible in the ${NAMES[operator]} operator.`,
      { number: 402 },
    );
  }
  const days = isExact(amount.type) ? coerce(amount, FLOAT).sql : amount.sql;
  const milliseconds = `${operator === "-" ? "-" : ""}(${days}) * 86400000`;
  const sql = `t_dateadd('ms', ${milliseconds}, ${date.sql}, ${typeKey(date.type)})`;
  return { sql, type: date.type, nullable: date.nullable || amount.nullable };
}

const NAMES: Readonly<Record<ArithmeticOperator, string>> = {
  "+": "add",
  "-": "subtract",
  "*": "multiply",
  "/": "divide",
  "%": "modulo",
  "&": "boolean AND",
  "|": "boolean OR",
  "^": "boolean XOR",
};

function invalidOperator(type: SqlType, operator: ArithmeticOperator | "~"): Error {
  const name = operator === "~" ? "'~'" : NAMES[operator];
  const message = `Operand data type ${type.name} is invalid for ${name} operator.`;
  return sqlError(message, { number: 8117 });
}
