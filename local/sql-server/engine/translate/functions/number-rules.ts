import type { SqlType } from "../../../session.ts";
import { FLOAT, INT, isInteger, NVARCHAR_MAX } from "../../types/sql-type.ts";
import { coerce } from "../coerce.ts";
import { typeKey, type Fragment } from "../translation.ts";
import { native, sameAs, type FunctionRule, type FunctionRules } from "./rule.ts";

/** Exact numbers lose their fraction, floats stay floats. */
function wholeOf(values: readonly Fragment[]): SqlType {
  const type = values[0]?.type ?? INT;
  return type.name === "decimal"
    ? { name: "decimal", precision: type.precision ?? 18, scale: 0 }
    : numeric(type);
}

function numeric(type: SqlType): SqlType {
  return isInteger(type) || type.name === "decimal" || type.name === "money" ? type : FLOAT;
}

function builtIn(sql: (value: string) => string): FunctionRule {
  return {
    minimum: 1,
    maximum: 1,
    translate: ([value]) => ({
      sql: sql(value?.sql ?? "NULL"),
      type: numeric(value?.type ?? INT),
      nullable: value?.nullable ?? true,
    }),
  };
}

export const NUMBER_RULES: FunctionRules = {
  ABS: builtIn((value) => `abs(${value})`),
  CEILING: native("ceiling", ["any"], wholeOf),
  CHECKSUM: { minimum: 1, maximum: 254, translate: (values) => checksum(values) },
  BINARY_CHECKSUM: { minimum: 1, maximum: 254, translate: (values) => checksum(values) },
  EXP: native("exp", [FLOAT], FLOAT),
  FLOOR: native("floor", ["any"], wholeOf),
  HASHBYTES: {
    minimum: 2,
    maximum: 2,
    translate: ([algorithm, value]) => ({
      sql: `t_hashbytes(${algorithm?.sql ?? "NULL"}, ${value?.sql ?? "NULL"}, ${typeKey(value?.type ?? INT)})`,
      type: { name: "varbinary", length: 8000 },
      nullable: true,
    }),
  },
  ISNUMERIC: native("isnumeric", ["any"], INT),
  LOG: native("log", [FLOAT, FLOAT], FLOAT, 1),
  LOG10: native("log10", [FLOAT], FLOAT),
  NEWID: native("newid", [], { name: "uniqueidentifier" }),
  NEWSEQUENTIALID: native("newid", [], { name: "uniqueidentifier" }),
  PI: { minimum: 0, maximum: 0, translate: () => ({ sql: String(Math.PI), type: FLOAT, nullable: false }) },
  POWER: native("power", ["any", "any"], (values) => numeric(values[0]?.type ?? INT)),
  ROUND: native("round", ["any", INT, INT], sameAs(0), 1),
  SIGN: builtIn((value) => `sign(${value})`),
  SQRT: native("sqrt", [FLOAT], FLOAT),
  SQUARE: builtIn((value) => `(${value} * ${value})`),
};

function checksum(values: readonly Fragment[]): Fragment {
  const texts = values.map((value) => coerce(value, NVARCHAR_MAX).sql);
  return { sql: `t_checksum(${texts.join(", ")})`, type: INT, nullable: false };
}
