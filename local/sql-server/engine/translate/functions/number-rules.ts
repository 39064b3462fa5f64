import { FLOAT, INT, isExact, isInteger, NVARCHAR_MAX } from "../../types/sql-type.ts";
import { coerce } from "../coerce.ts";
import { typeKey, type Fragment } from "../translation.ts";
import { native, type FunctionRule, type FunctionRules } from "./rule.ts";

/** A function that exact and other numbers have each in their own way; text counts as float. */
function numeric(
  minimum: number,
  maximum: number,
  build: (value: Fragment, rest: readonly string[]) => Omit<Fragment, "nullable">,
): FunctionRule {
  return {
    minimum,
    maximum,
    translate: ([given, ...rest]) => {
      const value = given ?? { sql: "NULL", type: INT, nullable: true };
      const number = isInteger(value.type) || isExact(value.type) ? value : coerce(value, FLOAT);
      const built = build(
        number,
        rest.map((argument) => coerce(argument, INT).sql),
      );
      return { ...built, nullable: value.nullable };
    },
  };
}

/** `sql` for floats and whole numbers, t_exact_… for exact ones. */
function each(name: string, sql: (value: string) => string): FunctionRule {
  return numeric(1, 1, ({ sql: value, type }) =>
    isExact(type) ? { sql: `t_exact_${name}(${value})`, type } : { sql: sql(value), type },
  );
}

/** Exact numbers lose their fraction, floats stay floats. */
function whole(name: string): FunctionRule {
  return numeric(1, 1, ({ sql, type }) => {
    if (type.name === "decimal")
      return {
        sql: `t_exact_${name}(${sql})`,
        type: { name: "decimal", precision: type.precision ?? 18, scale: 0 },
      };
    return { sql: `t_${isExact(type) ? "exact_" : ""}${name}(${sql})`, type };
  });
}

const ROUND = numeric(1, 3, ({ sql, type }, rest) => ({
  sql: `t_${isExact(type) ? "exact_" : ""}round(${[sql, ...(rest.length === 0 ? ["0"] : rest)].join(", ")})`,
  type,
}));

/** Computed as float, in the type of the first argument. */
const POWER: FunctionRule = {
  minimum: 2,
  maximum: 2,
  translate: ([base, exponent]) => {
    const floats = [base, exponent].map((value) => (value === undefined ? "NULL" : coerce(value, FLOAT).sql));
    const power: Fragment = { sql: `t_power(${floats.join(", ")})`, type: FLOAT, nullable: true };
    const type = base?.type ?? INT;
    return isInteger(type) || isExact(type) ? coerce(power, type) : power;
  },
};

export const NUMBER_RULES: FunctionRules = {
  ABS: each("abs", (value) => `abs(${value})`),
  CEILING: whole("ceiling"),
  CHECKSUM: { minimum: 1, maximum: 254, translate: (values) => checksum(values) },
  BINARY_CHECKSUM: { minimum: 1, maximum: 254, translate: (values) => checksum(values) },
  EXP: native("exp", [FLOAT], FLOAT),
  FLOOR: whole("floor"),
  HASHBYTES: {
    minimum: 2,
    maximum: 2,
    translate: ([algorithm, value]) => ({
      sql: `t_hashbytes(${algorithm?.sql ?? "NULL"}, ${value?.sql ?? "NULL"}, ${typeKey(value?.type ?? INT)})`,
      type: { name: "varbinary", length: 8000 },
      nullable: true,
    }),
  },
  ISNUMERIC: native("isnumeric", [NVARCHAR_MAX], INT),
  LOG: native("log", [FLOAT, FLOAT], FLOAT, 1),
  LOG10: native("log10", [FLOAT], FLOAT),
  NEWID: native("newid", [], { name: "uniqueidentifier" }),
  NEWSEQUENTIALID: native("newid", [], { name: "uniqueidentifier" }),
  PI: { minimum: 0, maximum: 0, translate: () => ({ sql: String(Math.PI), type: FLOAT, nullable: false }) },
  POWER,
  ROUND,
  SIGN: each("sign", (value) => `sign(${value})`),
  SQRT: native("sqrt", [FLOAT], FLOAT),
  SQUARE: {
    minimum: 1,
    maximum: 1,
    translate: ([value]) => {
      const number = value === undefined ? "NULL" : coerce(value, FLOAT).sql;
      return { sql: `(${number} * ${number})`, type: FLOAT, nullable: true };
    },
  },
};

function checksum(values: readonly Fragment[]): Fragment {
  const texts = values.map((value) => coerce(value, NVARCHAR_MAX).sql);
  return { sql: `t_checksum(${texts.join(", ")})`, type: INT, nullable: false };
}
