import { unsupported } from "../../parser/cursor.ts";
import type { ObjectName } from "../../syntax/expression.ts";
import { getApplicationLock, releaseApplicationLock } from "./application-lock.ts";
import type { SystemProcedure } from "./call.ts";
import { toSystemProcedure } from "./catalog/catalog-procedure.ts";
import { COLUMNS } from "./catalog/columns.ts";
import { FOREIGN_KEYS, PRIMARY_KEYS, SPECIAL_COLUMNS, STATISTICS } from "./catalog/keys.ts";
import { PROCEDURE_COLUMNS } from "./catalog/procedure-columns.ts";
import { DATABASES, SERVER_INFO, TYPE_INFO } from "./catalog/server.ts";
import { STORED_PROCEDURES, TABLES } from "./catalog/tables.ts";
import { executeSql } from "./execute-sql.ts";
import { addRoleMember, dropRoleMember } from "./role-members.ts";
import { rename } from "./rename.ts";

/** What ODBC's catalog functions call. `_100` is the name newer drivers use. */
const CATALOG_PROCEDURES: Readonly<Record<string, SystemProcedure>> = Object.fromEntries(
  [
    ...[COLUMNS, DATABASES, FOREIGN_KEYS, PRIMARY_KEYS, SERVER_INFO, SPECIAL_COLUMNS, STATISTICS],
    ...[PROCEDURE_COLUMNS, STORED_PROCEDURES, TABLES, TYPE_INFO],
  ].flatMap((procedure) => {
    const run = toSystemProcedure(procedure);
    return [procedure.name, `${procedure.name}_100`].map((name) => [name, run] as const);
  }),
);

const PROCEDURES: Readonly<Record<string, SystemProcedure>> = {
  ...CATALOG_PROCEDURES,
  sp_addrolemember: addRoleMember,
  sp_droprolemember: dropRoleMember,
  sp_executesql: executeSql,
  sp_getapplock: getApplicationLock,
  sp_releaseapplock: releaseApplicationLock,
  sp_rename: rename,
};

/** SQL Server's own, by learn.microsoft.com's list of system procedures: so the refusal can say what is missing. */
const UNSUPPORTED = new Set(
  `sp_addextendedproperty sp_updateextendedproperty sp_dropextendedproperty sp_help sp_helptext sp_helpindex sp_helpdb
sp_who sp_who2 sp_lock sp_spaceused sp_depends sp_table_privileges sp_column_privileges
sp_recompile sp_refreshview sp_configure
sp_adduser sp_addlogin sp_grantdbaccess sp_changedbowner sp_xml_preparedocument sp_msforeachtable
sp_set_session_context sp_describe_first_result_set sp_send_dbmail xp_cmdshell sp_addmessage sp_settriggerorder
sp_bindefault sp_bindrule sp_addtype sp_droptype sp_updatestats sp_sequence_get_range`.split(/\s+/),
);

/** @throws SqlError 40515 for a system procedure that SQL Server has and the stand-in has not. */
export function findSystemProcedure(name: ObjectName): SystemProcedure | undefined {
  const key = name.name.toLowerCase();
  if (UNSUPPORTED.has(key)) throw unsupported(`'${key}'`, 0);
  return PROCEDURES[key];
}
