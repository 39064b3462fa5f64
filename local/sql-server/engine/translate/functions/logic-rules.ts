import { commonType, INT } from "../../types/sql-type.ts";
import { coerce, comparable, commonTypeOf } from "../coerce.ts";
import type { Fragment } from "../translation.ts";
import type { FunctionRules } from "./rule.ts";

const NULL: Fragment = { sql: "NULL", type: { name: "int" }, nullable: true, isNull: true };

function coalesce(values: readonly Fragment[]): Fragment {
  const type = commonTypeOf(values);
  const converted = values.map((value) => coerce(value, type).sql);
  const sql = converted.length === 1 ? (converted[0] ?? "NULL") : `coalesce(${converted.join(", ")})`;
  return { sql, type, nullable: values.every((value) => value.nullable) };
}

export const LOGIC_RULES: FunctionRules = {
  COALESCE: { minimum: 2, maximum: 254, translate: coalesce },
  CHOOSE: {
    minimum: 2,
    maximum: 254,
    translate: ([index = NULL, ...values]) => {
      const type = commonTypeOf(values);
      const branches = values.map((value, at) => `WHEN ${at + 1} THEN ${coerce(value, type).sql}`);
      return { sql: `CASE ${coerce(index, INT).sql} ${branches.join(" ")} END`, type, nullable: true };
    },
  },
  /** Its type is that of the first argument. */
  ISNULL: {
    minimum: 2,
    maximum: 2,
    translate: ([value = NULL, replacement = NULL]) => {
      const type = value.isNull === true ? replacement.type : value.type;
      const wide =
        type.length === undefined
          ? type
          : commonType(type, { ...type, length: replacement.type.length ?? 1 });
      const sql = `coalesce(${value.sql}, ${coerce(replacement, type).sql})`;
      return { sql, type: wide, nullable: value.nullable && replacement.nullable };
    },
  },
  NULLIF: {
    minimum: 2,
    maximum: 2,
    translate: ([left = NULL, right = NULL]) => ({
      sql: `CASE WHEN ${comparable(left, right).join(" = ")} THEN NULL ELSE ${left.sql} END`,
      type: left.type,
      nullable: true,
    }),
  },
};
