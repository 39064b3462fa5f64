import type { SqlType } from "../../../session.ts";
import { sqlError } from "../../errors.ts";
import { coerce } from "../coerce.ts";
import { typeKey } from "../translation.ts";
import { FLOAT, INT, isDate, isNumber, isString, NVARCHAR_MAX, SYSNAME } from "../../types/sql-type.ts";
import { native, textLike, type FunctionRule, type FunctionRules } from "./rule.ts";

/** 8116 */
function invalidArgument({ name }: SqlType, call: string): Error {
  return sqlError(`Argument data type ${name} is invalid for argument 1 of ${call} function.`, {
    number: 8116,
  });
}

const TEXT = NVARCHAR_MAX;
const WIDE: SqlType = { name: "nvarchar", length: 4000 };

/** Any values, each as text. */
function texts(name: string, minimum: number): FunctionRule {
  return {
    minimum,
    maximum: 254,
    translate: (values) => {
      const converted = values.map((value) => (isString(value.type) ? value : coerce(value, TEXT)));
      const type: SqlType = values.some((value) => value.type.length === "max") ? TEXT : WIDE;
      return { sql: `t_${name}(${converted.map((value) => value.sql).join(", ")})`, type, nullable: false };
    },
  };
}

const DATALENGTH: FunctionRule = {
  minimum: 1,
  maximum: 1,
  translate: ([value]) => {
    const type = value?.type ?? INT;
    return { sql: `t_datalength(${value?.sql ?? "NULL"}, ${typeKey(type)})`, type: INT, nullable: true };
  },
};

export const TEXT_RULES: FunctionRules = {
  ASCII: native("ascii", [TEXT], INT),
  CHAR: native("char", [INT], { name: "char", length: 1 }),
  CHARINDEX: native("charindex", [TEXT, TEXT, INT], INT, 1),
  CONCAT: texts("concat", 2),
  CONCAT_WS: texts("concat_ws", 3),
  DATALENGTH,
  FORMAT: {
    minimum: 2,
    maximum: 3,
    translate: ([value, pattern, culture]) => {
      const type = value?.type ?? INT;
      // The server refuses text, too.
      if (!isNumber(type) && !isDate(type)) throw invalidArgument(type, "format");
      const texts = [pattern, culture].map((text) =>
        text === undefined ? "'en-US'" : coerce(text, TEXT).sql,
      );
      const sql = `t_format(${value?.sql ?? "NULL"}, ${texts.join(", ")}, ${typeKey(type)})`;
      return { sql, type: WIDE, nullable: true };
    },
  },
  LEFT: native("left", [TEXT, INT], textLike(0)),
  LEN: native("len", [TEXT], INT),
  LOWER: native("lower", [TEXT], textLike(0)),
  LTRIM: native("ltrim", [TEXT], textLike(0)),
  NCHAR: native("nchar", [INT], { name: "nchar", length: 1 }),
  PARSENAME: native("parsename", [TEXT, INT], SYSNAME),
  PATINDEX: native("patindex", [TEXT, TEXT], INT),
  QUOTENAME: native("quotename", [TEXT, TEXT], { name: "nvarchar", length: 258 }, 1),
  REPLACE: native("replace", [TEXT, TEXT, TEXT], textLike(0, 4000)),
  REPLICATE: native("replicate", [TEXT, INT], textLike(0, "max")),
  REVERSE: native("reverse", [TEXT], textLike(0)),
  RIGHT: native("right", [TEXT, INT], textLike(0)),
  RTRIM: native("rtrim", [TEXT], textLike(0)),
  SPACE: native("space", [INT], { name: "varchar", length: 8000 }),
  STR: {
    minimum: 1,
    maximum: 3,
    translate: ([value, length]) => {
      const number = value === undefined ? "NULL" : coerce(value, FLOAT).sql;
      const sql = `printf('%*s', ${length?.sql ?? "10"}, CAST(t_round(${number}, 0) AS INTEGER))`;
      return { sql, type: { name: "varchar", length: 30 }, nullable: true };
    },
  },
  STUFF: native("stuff", [TEXT, INT, INT, TEXT], textLike(0, "max")),
  SUBSTRING: native("substring", [TEXT, INT, INT], textLike(0)),
  TRIM: native("trim", [TEXT], textLike(0)),
  UNICODE: native("unicode", [TEXT], INT),
  UPPER: native("upper", [TEXT], textLike(0)),
};
