import { findColumn, type CatalogObject, type TableColumn } from "../catalog/model.ts";
import type { ObjectName } from "../syntax/expression.ts";
import { type CatalogView, findObject, parseWrittenName } from "../catalog/lookup.ts";
import type { Storage } from "../syntax/expression.ts";
import { findById } from "../catalog/model.ts";
import type { Arguments, FunctionContext, NativeFunction, NativeFunctions } from "./context.ts";
import { constraintsOf } from "../catalog/constraints.ts";

/** sys.objects.type */
const OBJECT_TYPES: Readonly<Record<CatalogObject["kind"], string>> = {
  table: "U",
  view: "V",
  procedure: "P",
};

/** OBJECT_ID('dbo.T', 'U'): constraints have ids, too. */
function objectId([text = null, type = null]: Arguments, { view }: FunctionContext): Storage {
  if (text === null) return null;
  const name = parseWrittenName(String(text));
  if (isElsewhere(name, view)) return null;
  const wanted = String(type ?? "")
    .trim()
    .toUpperCase();
  const fits = (actual: string): boolean => wanted === "" || actual === wanted;
  const found = findObject(view, name);
  if (found !== undefined) return fits(OBJECT_TYPES[found.kind]) ? found.id : null;
  const lower = name.name.toLowerCase();
  const constraints = constraintsOf(view.catalog).filter(
    (one) => one.name.toLowerCase() === lower && fits(one.type),
  );
  return constraints[0]?.id ?? null;
}

/** In another database; temporary tables are known here, whatever stands before them. */
function isElsewhere({ database, name }: ObjectName, view: CatalogView): boolean {
  return database !== "" && database.toLowerCase() !== view.database.toLowerCase() && !name.startsWith("#");
}

function objectName([id]: Arguments, { view }: FunctionContext): Storage {
  const found = findById(view.catalog, Number(id));
  return found?.name ?? constraintsOf(view.catalog).find((constraint) => constraint.id === id)?.name ?? null;
}

function columnOf(
  table: Storage | undefined,
  column: Storage | undefined,
  context: FunctionContext,
): TableColumn | undefined {
  const found =
    typeof table === "number"
      ? findById(context.view.catalog, table)
      : findObject(context.view, parseWrittenName(String(table)));
  return found?.kind === "table" ? findColumn(found, String(column)) : undefined;
}

/** Bytes; -1 for (max). */
export function byteLength(column: Pick<TableColumn, "type" | "typeName">): number {
  const { name, length } = column.type;
  if (["text", "ntext", "image"].includes(column.typeName)) return 16;
  if (length === "max") return -1;
  if (length !== undefined) return length * (name.startsWith("n") ? 2 : 1);
  if (name === "decimal") return (column.type.precision ?? 18) > 19 ? 13 : 9;
  return SIZES[name] ?? 8;
}

const SIZES: Readonly<Record<string, number>> = {
  bit: 1,
  tinyint: 1,
  smallint: 2,
  int: 4,
  real: 4,
  smalldatetime: 4,
  date: 3,
  time: 5,
  datetimeoffset: 10,
  uniqueidentifier: 16,
  sql_variant: 8016,
};

const COLUMN_PROPERTIES: Readonly<Record<string, (column: TableColumn) => Storage>> = {
  allowsnull: (column) => (column.nullable ? 1 : 0),
  columnid: (column) => column.id,
  iscomputed: () => 0,
  isidentity: (column) => (column.identity === undefined ? 0 : 1),
  precision: ({ type }) => type.precision ?? (typeof type.length === "number" ? type.length : -1),
};

function columnProperty([table, column, property]: Arguments, context: FunctionContext): Storage {
  const found = columnOf(table, column, context);
  return found === undefined ? null : (COLUMN_PROPERTIES[String(property).toLowerCase()]?.(found) ?? null);
}

function objectProperty([id, property]: Arguments, { view }: FunctionContext): Storage {
  const found = findById(view.catalog, Number(id));
  if (found === undefined) return null;
  const kinds: Readonly<Record<string, CatalogObject["kind"]>> = {
    istable: "table",
    isusertable: "table",
    isview: "view",
    isprocedure: "procedure",
  };
  const wanted = kinds[String(property).toLowerCase()];
  return wanted === undefined ? null : found.kind === wanted ? 1 : 0;
}

function fact(name: string): NativeFunction {
  return { pure: false, run: (values, context) => context.fact(name, ...values) };
}

export const METADATA: NativeFunctions = {
  object_id: { pure: false, run: objectId },
  object_name: { pure: false, run: objectName },
  col_length: {
    pure: false,
    run: ([table, column], context) => {
      const found = columnOf(table, column, context);
      return found === undefined ? null : byteLength(found);
    },
  },
  columnproperty: { pure: false, run: columnProperty },
  objectproperty: { pure: false, run: objectProperty },
  connectionproperty: fact("CONNECTIONPROPERTY"),
  db_id: fact("DB_ID"),
  ident_current: fact("IDENT_CURRENT"),
  db_name: fact("DB_NAME"),
  has_dbaccess: fact("HAS_DBACCESS"),
  database_principal_id: fact("DATABASE_PRINCIPAL_ID"),
  user_name: fact("USER_NAME"),
  has_perms_by_name: fact("HAS_PERMS_BY_NAME"),
  is_rolemember: fact("IS_ROLEMEMBER"),
  is_srvrolemember: fact("IS_SRVROLEMEMBER"),
  databasepropertyex: fact("DATABASEPROPERTYEX"),
  serverproperty: fact("SERVERPROPERTY"),
  schema_id: fact("SCHEMA_ID"),
  schema_name: fact("SCHEMA_NAME"),
  applock_mode: fact("APPLOCK_MODE"),
  variable: fact("VARIABLE"),
};
