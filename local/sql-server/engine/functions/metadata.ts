import { findColumn, type CatalogObject, type TableColumn } from "../catalog/model.ts";
import { findObject, parseWrittenName } from "../catalog/lookup.ts";
import type { Storage } from "../syntax/expression.ts";
import { findById } from "../catalog/model.ts";
import type {
  Arguments,
  FunctionContext,
  NativeFunction,
  NativeFunctions,
} from "./context.ts";
import { constraintsOf } from "../catalog/constraints.ts";

/** sys.objects.type */
const OBJECT_TYPES: Readonly<Record<CatalogObject["kind"], string>> = {
  table: "U",
  view: "V",
  procedure: "P",
};

/** OBJECT_ID('dbo.T', 'U'): constraints have ids, too. */
function objectId([text, type]: Arguments, { view }: FunctionContext): Storage {
  if (text === null || text === undefined) return null;
  const name = parseWrittenName(String(text));
  const elsewhere = name.database !== "" && name.database.toLowerCase() !== view.database.toLowerCase();
  if (elsewhere && !name.name.startsWith("#")) return null;
  const wanted = type === null || type === undefined ? "" : String(type).trim().toUpperCase();
  const found = findObject({ ...view }, name);
  if (found !== undefined) return wanted === "" || OBJECT_TYPES[found.kind] === wanted ? found.id : null;
  const constraint = constraintsOf(view.catalog).find(
    (candidate) =>
      candidate.name.toLowerCase() === name.name.toLowerCase() &&
      (wanted === "" || candidate.type === wanted),
  );
  return constraint?.id ?? null;
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
  if (column.typeName === "text" || column.typeName === "ntext" || column.typeName === "image") return 16;
  if (length === "max") return -1;
  if (length !== undefined) return length * (name === "nchar" || name === "nvarchar" ? 2 : 1);
  if (name === "decimal") return column.type.precision === undefined || column.type.precision > 19 ? 13 : 9;
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

function columnProperty([table, column, property]: Arguments, context: FunctionContext): Storage {
  const found = columnOf(table, column, context);
  if (found === undefined) return null;
  switch (String(property).toLowerCase()) {
    case "allowsnull":
      return found.nullable ? 1 : 0;
    case "isidentity":
      return found.identity === undefined ? 0 : 1;
    case "columnid":
      return found.id;
    case "precision":
      return found.type.precision ?? (typeof found.type.length === "number" ? found.type.length : -1);
    case "iscomputed":
      return 0;
    default:
      return null;
  }
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
  return { pure: false, run: ([first = null, second = null], context) => context.fact(name, first, second) };
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
  db_id: fact("DB_ID"),
  db_name: fact("DB_NAME"),
  has_dbaccess: fact("HAS_DBACCESS"),
  databasepropertyex: fact("DATABASEPROPERTYEX"),
  serverproperty: fact("SERVERPROPERTY"),
  schema_id: fact("SCHEMA_ID"),
  schema_name: fact("SCHEMA_NAME"),
  applock_mode: fact("APPLOCK_MODE"),
  variable: fact("VARIABLE"),
};
