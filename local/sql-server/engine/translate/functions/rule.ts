import type { SqlType } from "../../../session.ts";
import type { CallExpression } from "../../syntax/expression.ts";
import { coerce } from "../coerce.ts";
import type { Fragment, Translation } from "../translation.ts";
import { NVARCHAR_MAX } from "../../types/sql-type.ts";

/** How a built-in function becomes SQLite SQL. */
export interface FunctionRule {
  readonly minimum: number;
  readonly maximum: number;
  readonly translate: (
    values: readonly Fragment[],
    call: CallExpression,
    translation: Translation,
  ) => Fragment;
}

export type FunctionRules = Readonly<Record<string, FunctionRule>>;

/** The type a parameter is converted to, or "any". */
export type ParameterShape = SqlType | "any";

/** A call of `t_name` with converted arguments. */
export function native(
  name: string,
  shapes: readonly ParameterShape[],
  type: SqlType | ((values: readonly Fragment[]) => SqlType),
  optional = 0,
): FunctionRule {
  return {
    minimum: shapes.length - optional,
    maximum: shapes.length,
    translate: (values) => {
      const converted = values.map((value, index) => {
        const shape = shapes[index] ?? "any";
        return shape === "any" ? value : coerce(value, shape);
      });
      const sql = `t_${name}(${converted.map((value) => value.sql).join(", ")})`;
      return { sql, type: typeof type === "function" ? type(values) : type, nullable: true };
    },
  };
}

/** Text as wide as its input, varchar or nvarchar. */
export function textLike(index: number, length?: number | "max"): (values: readonly Fragment[]) => SqlType {
  return (values) => {
    const type = values[index]?.type ?? NVARCHAR_MAX;
    const national = type.name.startsWith("n") || !type.name.includes("char");
    return { name: national ? "nvarchar" : "varchar", length: length ?? type.length ?? 4000 };
  };
}
