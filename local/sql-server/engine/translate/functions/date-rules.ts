import type { SqlType } from "../../../session.ts";
import { BIGINT, DATETIME, INT, isDate, isNumber, isString } from "../../types/sql-type.ts";
import { coerce } from "../coerce.ts";
import { typeKey, type Fragment } from "../translation.ts";
import { native, type FunctionRule, type FunctionRules } from "./rule.ts";

const DATETIME2: SqlType = { name: "datetime2", scale: 7 };
const NULL: Fragment = { sql: "NULL", type: INT, nullable: true, isNull: true };

/** Text becomes a date by itself. */
function toDate(value: Fragment | undefined, target: SqlType = DATETIME2): Fragment {
  const given = value ?? NULL;
  if (isDate(given.type)) return given;
  return coerce(given, isNumber(given.type) ? DATETIME : isString(given.type) ? target : DATETIME);
}

const DATEADD: FunctionRule = {
  minimum: 3,
  maximum: 3,
  translate: ([part = NULL, amount = NULL, value]) => {
    const date = toDate(value, DATETIME);
    const sql = `t_dateadd(${part.sql}, ${coerce(amount, INT).sql}, ${date.sql}, ${typeKey(date.type)})`;
    return { sql, type: date.type, nullable: true };
  },
};

function difference(type: SqlType): FunctionRule {
  return {
    minimum: 3,
    maximum: 3,
    translate: ([part = NULL, from, to]) => ({
      sql: `t_datediff(${part.sql}, ${toDate(from).sql}, ${toDate(to).sql})`,
      type,
      nullable: true,
    }),
  };
}

function reader(name: string, type: SqlType, part?: string): FunctionRule {
  const count = part === undefined ? 2 : 1;
  return {
    minimum: count,
    maximum: count,
    translate: (values) => {
      const partSql = part === undefined ? (values[0] ?? NULL).sql : `'${part}'`;
      return { sql: `t_${name}(${partSql}, ${toDate(values[count - 1]).sql})`, type, nullable: true };
    },
  };
}

export const DATE_RULES: FunctionRules = {
  DATEADD,
  DATEDIFF: difference(INT),
  DATEDIFF_BIG: difference(BIGINT),
  DATEFROMPARTS: native("datefromparts", [INT, INT, INT], { name: "date" }),
  DATENAME: reader("datename", { name: "nvarchar", length: 30 }),
  DATEPART: reader("datepart", INT),
  DAY: reader("datepart", INT, "day"),
  EOMONTH: {
    minimum: 1,
    maximum: 2,
    translate: ([value, months]) => ({
      sql: `t_eomonth(${toDate(value).sql}${months === undefined ? "" : `, ${coerce(months, INT).sql}`})`,
      type: { name: "date" },
      nullable: true,
    }),
  },
  ISDATE: native("isdate", ["any"], INT),
  MONTH: reader("datepart", INT, "month"),
  YEAR: reader("datepart", INT, "year"),
};
