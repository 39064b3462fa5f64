import type { SqlType } from "../../../session.ts";
import type { CallExpression, OrderItem } from "../../syntax/expression.ts";
import {
  BIGINT,
  digitsOf,
  FLOAT,
  INT,
  isExact,
  isInteger,
  isString,
  NVARCHAR_MAX,
} from "../../types/sql-type.ts";
import { toStored } from "../../types/exact.ts";
import { sqlError } from "../../errors.ts";
import { coerce } from "../coerce.ts";
import { quoteText, typeKey, type Fragment, type Scope, type Translation } from "../translation.ts";
import { unsupported } from "../../parser/cursor.ts";

const AGGREGATES = new Set(["COUNT", "COUNT_BIG", "SUM", "AVG", "MIN", "MAX", "STRING_AGG"]);
const WINDOW_FUNCTIONS: Readonly<Record<string, SqlType | "argument">> = {
  ROW_NUMBER: BIGINT,
  RANK: BIGINT,
  DENSE_RANK: BIGINT,
  NTILE: BIGINT,
  PERCENT_RANK: FLOAT,
  CUME_DIST: FLOAT,
  LAG: "argument",
  LEAD: "argument",
  FIRST_VALUE: "argument",
  LAST_VALUE: "argument",
};

export function isAggregate(name: string): boolean {
  return AGGREGATES.has(name);
}

export function isWindowFunction(name: string): boolean {
  return name in WINDOW_FUNCTIONS;
}

export function translateAggregate(translation: Translation, call: CallExpression, scope: Scope): Fragment {
  const values = call.arguments.map((argument) => translation.expression(argument, scope));
  const over = windowSql(translation, call, scope);
  const [value] = values;
  if (call.star || value === undefined) {
    return { sql: `count(*)${over}`, type: call.name === "COUNT_BIG" ? BIGINT : INT, nullable: false };
  }
  if (call.name === "STRING_AGG") return stringAggregate(translation, call, values, scope);
  const argument = `${call.distinct ? "DISTINCT " : ""}${value.sql}`;
  return reduce(call.name, value.type, (name) => `${name}(${argument})${over}`);
}

function reduce(name: string, type: SqlType, sql: (native: string) => string): Fragment {
  if (name === "COUNT") return { sql: sql("count"), type: INT, nullable: false };
  if (name === "COUNT_BIG") return { sql: sql("count"), type: BIGINT, nullable: false };
  if (name === "MIN" || name === "MAX") return { sql: sql(name.toLowerCase()), type, nullable: true };
  requireNumber(type, name.toLowerCase());
  const sum = isExact(type) ? exactSum(sql("t_sum"), type) : sql("sum");
  if (name === "SUM") return { sql: sum, type: sumType(type), nullable: true };
  return isExact(type) ? exactAverage(sum, sql("count"), type) : average(sql("avg"), type);
}

export function translateWindow(translation: Translation, call: CallExpression, scope: Scope): Fragment {
  if (call.over === undefined) {
    throw sqlError(`The function '${call.name}' must have an OVER clause.`, {
      number: 10753,
      class: 15,
      line: call.line,
    });
  }
  const values = call.arguments.map((argument) => translation.expression(argument, scope));
  const known = WINDOW_FUNCTIONS[call.name] ?? BIGINT;
  const type = known === "argument" ? (values[0]?.type ?? INT) : known;
  const sql = `${call.name.toLowerCase()}(${values.map((value) => value.sql).join(", ")})`;
  return { sql: sql + windowSql(translation, call, scope), type, nullable: known === "argument" };
}

function windowSql(translation: Translation, { over }: CallExpression, scope: Scope): string {
  if (over === undefined) return "";
  const partition = over.partitionBy.map((expression) => translation.expression(expression, scope).sql);
  const parts = [
    partition.length === 0 ? "" : `PARTITION BY ${partition.join(", ")}`,
    over.orderBy.length === 0 ? "" : `ORDER BY ${orderSql(translation, over.orderBy, scope)}`,
    over.frame,
  ];
  return ` OVER (${parts.filter((part) => part !== "").join(" ")})`;
}

function orderSql(translation: Translation, items: readonly OrderItem[], scope: Scope): string {
  return items
    .map(({ expression, descending }) => {
      const { sql, type } = translation.expression(expression, scope);
      return `${sql}${isString(type) ? " COLLATE NOCASE" : ""}${descending ? " DESC" : ""}`;
    })
    .join(", ");
}

function stringAggregate(
  translation: Translation,
  call: CallExpression,
  [value, separator]: readonly Fragment[],
  scope: Scope,
): Fragment {
  if (value === undefined || separator === undefined)
    throw unsupported("STRING_AGG without a separator", call.line);
  const order =
    call.withinGroup === undefined ? "" : ` ORDER BY ${orderSql(translation, call.withinGroup, scope)}`;
  const sql = `group_concat(${coerce(value, NVARCHAR_MAX).sql}, ${separator.sql}${order})`;
  return { sql, type: NVARCHAR_MAX, nullable: true };
}

function sumType(type: SqlType): SqlType {
  if (type.name === "bigint" || type.name === "money" || type.name === "float") return type;
  if (type.name === "decimal") return { name: "decimal", precision: 38, scale: type.scale ?? 0 };
  return isInteger(type) ? INT : FLOAT;
}

/** Of whole numbers the average is whole, too. */
function average(sql: string, type: SqlType): Fragment {
  return { sql: isInteger(type) ? `CAST(${sql} AS INTEGER)` : sql, type: sumType(type), nullable: true };
}

/** t_sum checks for 38 digits; money ends earlier. */
function exactSum(sum: string, type: SqlType): string {
  const zero = quoteText(toStored({ digits: 0n, scale: 0 }));
  return type.name === "money" ? `t_exact('+', ${sum}, ${zero}, ${typeKey(type)})` : sum;
}

function exactAverage(sum: string, count: string, of: SqlType): Fragment {
  const decimal = { name: "decimal", precision: 38, scale: Math.max(6, digitsOf(of)[1]) } as const;
  const type = of.name === "money" ? of : decimal;
  const divisor = coerce({ sql: count, type: BIGINT, nullable: false }, { name: "decimal", precision: 38 });
  return { sql: `t_exact('/', ${sum}, ${divisor.sql}, ${typeKey(type)})`, type, nullable: true };
}

function requireNumber(type: SqlType, operator: string): void {
  if (isInteger(type) ? type.name !== "bit" : ["decimal", "money", "float", "real"].includes(type.name))
    return;
  throw sqlError(`Operand data type ${type.name} is invalid for ${operator} operator.`, { number: 8117 });
}
