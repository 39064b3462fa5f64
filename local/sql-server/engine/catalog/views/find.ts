import type { ObjectName } from "../../syntax/expression.ts";
import type { SystemView } from "../system-view.ts";
import { INFORMATION_SCHEMA } from "./information-schema.ts";
import { CONSTRAINT_VIEWS } from "./constraint-views.ts";
import { OBJECT_VIEWS } from "./object-views.ts";
import { PRINCIPAL_VIEWS } from "./principal-views.ts";
import { SERVER_VIEWS } from "./server-views.ts";
import { TABLE_VIEWS } from "./table-views.ts";
import { unsupported } from "../../parser/cursor.ts";
import { invalidObject } from "../../errors.ts";

const SYS: Readonly<Record<string, SystemView>> = {
  ...CONSTRAINT_VIEWS,
  ...OBJECT_VIEWS,
  ...PRINCIPAL_VIEWS,
  ...SERVER_VIEWS,
  ...TABLE_VIEWS,
};

/** Names that SQL Server has for sure, so that the answer can say who lacks the view. */
const KNOWN =
  /^(dm_\w+|messages|triggers|sequences|synonyms|partitions|allocation_units|stats|assembl\w+|sys(processes|messages|users)|master_files|database_files|extended_properties|sql_expression_dependencies|computed_columns|linked_servers|servers|server_permissions)$/i;

/** @throws SqlError 40515 for a view that SQL Server has, 208 for a name in sys or INFORMATION_SCHEMA that the stand-in does not have. */
export function findSystemView({ schema, name }: ObjectName): SystemView | undefined {
  const views = schemaOf(schema, name);
  if (views === undefined) return undefined;
  const found = views[name.toLowerCase()];
  if (found === undefined && KNOWN.test(name)) throw unsupported(`the view '${schema}.${name}'`, 0);
  if (found === undefined) throw invalidObject(`${schema}.${name}`);
  return found;
}

/** The same in every database, e.g. master.sys.databases. */
export function isServerView({ schema, name }: ObjectName): boolean {
  return schema.toLowerCase() === "sys" && name.toLowerCase() in SERVER_VIEWS;
}

function schemaOf(schema: string, name: string): Readonly<Record<string, SystemView>> | undefined {
  const key = schema.toLowerCase();
  if (key === "sys") return SYS;
  if (key === "information_schema") return INFORMATION_SCHEMA;
  // The compatibility views are reached without a schema and as dbo's, too.
  const compatible = ["sysobjects", "sysindexes", "syscolumns"].includes(name.toLowerCase());
  return compatible && (key === "" || key === "dbo") ? SYS : undefined;
}
