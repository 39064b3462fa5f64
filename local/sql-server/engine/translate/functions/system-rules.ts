import { SESSION_FACTS } from "../../catalog/session-facts.ts";
import { BIGINT, INT, NVARCHAR_MAX, SYSNAME } from "../../types/sql-type.ts";
import { coerce } from "../coerce.ts";
import { sessionFact } from "../session-fact.ts";
import type { Fragment } from "../translation.ts";
import { native, type FunctionRule, type FunctionRules } from "./rule.ts";

/** A session fact written as a function, e.g. GETDATE(), ERROR_NUMBER(). An argument is ignored. */
function fact(name: string): FunctionRule {
  const type = SESSION_FACTS[name] ?? INT;
  return {
    minimum: 0,
    maximum: 1,
    translate: (_values, _call, translation) => {
      const nullable = name.startsWith("ERROR_") || name.endsWith("IDENTITY");
      return { ...sessionFact(translation, name, type), nullable };
    },
  };
}

const FACTS: FunctionRules = Object.fromEntries(
  Object.keys(SESSION_FACTS)
    .filter((name) => !name.startsWith("@@"))
    .map((name) => [name, fact(name)]),
);

/** Asks the catalogue. */
function metadata(rule: FunctionRule): FunctionRule {
  return {
    ...rule,
    translate: (values, call, translation) => {
      translation.state.usesDatabase = true;
      return rule.translate(values, call, translation);
    },
  };
}

/** SERVERPROPERTY is a sql_variant in SQL Server; here it has the type its value has. */
const SERVERPROPERTY: FunctionRule = {
  minimum: 1,
  maximum: 1,
  translate: ([name]): Fragment => {
    const numeric = /engineedition|isclustered|issingleuser|isintegrated|ishadr|isfulltext|isxtp/i.test(
      name?.sql ?? "",
    );
    return { sql: `t_serverproperty(${name?.sql ?? "NULL"})`, type: numeric ? INT : SYSNAME, nullable: true };
  },
};

const TEXT = NVARCHAR_MAX;
const WHOLE = { name: "decimal", precision: 38, scale: 0 } as const;

export const SYSTEM_RULES: FunctionRules = {
  ...FACTS,
  APPLOCK_MODE: native("applock_mode", [TEXT, TEXT, TEXT], { name: "nvarchar", length: 32 }),
  COLUMNPROPERTY: metadata(native("columnproperty", [INT, TEXT, TEXT], INT)),
  COL_LENGTH: metadata(native("col_length", [TEXT, TEXT], { name: "smallint" })),
  CONNECTIONPROPERTY: native("connectionproperty", [TEXT], SYSNAME),
  DATABASEPROPERTYEX: native("databasepropertyex", [TEXT, TEXT], SYSNAME),
  DATABASE_PRINCIPAL_ID: metadata(native("database_principal_id", [TEXT], INT, 1)),
  DB_ID: native("db_id", [TEXT], { name: "smallint" }, 1),
  DB_NAME: native("db_name", [INT], SYSNAME, 1),
  HAS_DBACCESS: native("has_dbaccess", [TEXT], INT),
  HAS_PERMS_BY_NAME: metadata(native("has_perms_by_name", [TEXT, TEXT, TEXT, TEXT, TEXT], INT, 2)),
  IDENT_CURRENT: metadata({
    minimum: 1,
    maximum: 1,
    translate: ([name]) => {
      const table = name === undefined ? "NULL" : coerce(name, TEXT).sql;
      return coerce({ sql: `t_ident_current(${table})`, type: BIGINT, nullable: true }, WHOLE);
    },
  }),
  IS_MEMBER: metadata(native("is_rolemember", [TEXT], INT)),
  IS_ROLEMEMBER: metadata(native("is_rolemember", [TEXT, TEXT], INT, 1)),
  IS_SRVROLEMEMBER: native("is_srvrolemember", [TEXT, TEXT], INT, 1),
  OBJECTPROPERTY: metadata(native("objectproperty", [INT, TEXT], INT)),
  OBJECT_ID: metadata(native("object_id", [TEXT, TEXT], INT, 1)),
  OBJECT_NAME: metadata(native("object_name", [INT, INT], SYSNAME, 1)),
  SCHEMA_ID: metadata(native("schema_id", [TEXT], INT, 1)),
  SCHEMA_NAME: metadata(native("schema_name", [INT], SYSNAME, 1)),
  SERVERPROPERTY,
  USER_ID: metadata(native("database_principal_id", [TEXT], INT, 1)),
  USER_NAME: metadata(native("user_name", [INT], SYSNAME, 1)),
};
