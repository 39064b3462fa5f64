import type { SqlType } from "../../session.ts";

type TypeName = SqlType["name"];

/** learn.microsoft.com, "Data type precedence": the lower one is converted to the higher one. */
const PRECEDENCE: readonly TypeName[] = [
  "binary",
  "varbinary",
  "char",
  "varchar",
  "nchar",
  "nvarchar",
  "uniqueidentifier",
  "bit",
  "tinyint",
  "smallint",
  "int",
  "bigint",
  "money",
  "decimal",
  "real",
  "float",
  "time",
  "date",
  "smalldatetime",
  "datetime",
  "datetime2",
  "datetimeoffset",
  "sql_variant",
];

/** Other names of the same types. */
const SYNONYMS: Readonly<Record<string, SqlType>> = {
  integer: { name: "int" },
  numeric: { name: "decimal", precision: 18, scale: 0 },
  dec: { name: "decimal", precision: 18, scale: 0 },
  smallmoney: { name: "money" },
  text: { name: "varchar", length: "max" },
  ntext: { name: "nvarchar", length: "max" },
  image: { name: "varbinary", length: "max" },
  xml: { name: "nvarchar", length: "max" },
  sysname: { name: "nvarchar", length: 128 },
  character: { name: "char", length: 1 },
  rowversion: { name: "binary", length: 8 },
  timestamp: { name: "binary", length: 8 },
};

const INTEGERS = new Set<TypeName>(["bit", "tinyint", "smallint", "int", "bigint"]);
const EXACT = new Set<TypeName>(["decimal", "money"]);
const APPROXIMATE = new Set<TypeName>(["real", "float"]);
const STRINGS = new Set<TypeName>(["char", "varchar", "nchar", "nvarchar"]);
const DATES = new Set<TypeName>(["date", "time", "datetime", "smalldatetime", "datetime2", "datetimeoffset"]);

export const INT: SqlType = { name: "int" };
export const BIGINT: SqlType = { name: "bigint" };
export const BIT: SqlType = { name: "bit" };
export const FLOAT: SqlType = { name: "float" };
export const DATETIME: SqlType = { name: "datetime" };
export const NVARCHAR_MAX: SqlType = { name: "nvarchar", length: "max" };
export const SYSNAME: SqlType = { name: "nvarchar", length: 128 };

export function isInteger(type: SqlType): boolean {
  return INTEGERS.has(type.name);
}

export function isNumber(type: SqlType): boolean {
  return INTEGERS.has(type.name) || EXACT.has(type.name) || APPROXIMATE.has(type.name);
}

/** decimal and money: stored as types/exact.ts says. */
export function isExact(type: SqlType): boolean {
  return EXACT.has(type.name);
}

export function isString(type: SqlType): boolean {
  return STRINGS.has(type.name);
}

export function isDate(type: SqlType): boolean {
  return DATES.has(type.name);
}

export function isBinary(type: SqlType): boolean {
  return type.name === "binary" || type.name === "varbinary";
}

/** The type of a name without arguments, e.g. `varchar` is varchar(1) in a column and varchar(30) in CAST. */
export function toSqlType(name: string, defaultLength: number): SqlType | undefined {
  const lower = name.toLowerCase();
  const synonym = SYNONYMS[lower];
  if (synonym !== undefined) return synonym;
  const known = PRECEDENCE.find((type) => type === lower);
  if (known === undefined) return undefined;
  if (STRINGS.has(known) || known === "binary" || known === "varbinary") {
    return { name: known, length: defaultLength };
  }
  if (known === "decimal") return { name: known, precision: 18, scale: 0 };
  if (known === "time" || known === "datetime2" || known === "datetimeoffset")
    return { name: known, scale: 7 };
  return { name: known };
}

/** The type two operands meet in. */
export function commonType(left: SqlType, right: SqlType): SqlType {
  const [high, low] =
    PRECEDENCE.indexOf(left.name) >= PRECEDENCE.indexOf(right.name) ? [left, right] : [right, left];
  if (isString(high) && isString(low)) return { name: high.name, length: longest(high, low) };
  if (isBinary(high) && isBinary(low)) return { name: high.name, length: longest(high, low) };
  if (high.name === "decimal" && isNumber(low)) return commonDecimal(high, low);
  return high;
}

function longest(left: SqlType, right: SqlType): number | "max" {
  if (left.length === "max" || right.length === "max") return "max";
  return Math.max(left.length ?? 1, right.length ?? 1);
}

const DIGITS: Partial<Record<TypeName, readonly [number, number]>> = {
  bit: [1, 0],
  tinyint: [3, 0],
  smallint: [5, 0],
  int: [10, 0],
  bigint: [19, 0],
  money: [19, 4],
};

/** Precision and scale of an exact number. */
export function digitsOf(type: SqlType): readonly [number, number] {
  return DIGITS[type.name] ?? [type.precision ?? 18, type.scale ?? 0];
}

function commonDecimal(left: SqlType, right: SqlType): SqlType {
  const [leftPrecision, leftScale] = digitsOf(left);
  const [rightPrecision, rightScale] = digitsOf(right);
  const scale = Math.max(leftScale, rightScale);
  const whole = Math.max(leftPrecision - leftScale, rightPrecision - rightScale);
  return { name: "decimal", precision: Math.min(38, whole + scale), scale };
}
