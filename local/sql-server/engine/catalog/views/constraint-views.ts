import { constraintsOf, type ConstraintObject } from "../constraints.ts";
import { findById, findColumn, tablesOf, type Catalog, type ForeignKey, type TableObject } from "../model.ts";
import type { SystemView } from "../system-view.ts";
import type { Storage } from "../../syntax/expression.ts";
import { columns, storedDate } from "./columns.ts";
import { schemaId } from "./object-views.ts";

type Rows = readonly (readonly Storage[])[];

const COMMON = "name:t object_id:i schema_id:i parent_object_id:i type:c create_date:d is_ms_shipped:b";

function commonRow(catalog: Catalog, { id, name, table, type }: ConstraintObject): readonly Storage[] {
  const schema = schemaId(catalog, table.schema);
  return [name, id, schema, table.id, type.padEnd(2), storedDate(table.created), 0];
}

function view(
  types: readonly ConstraintObject["type"][],
  more: string,
  rest: (constraint: ConstraintObject) => readonly Storage[],
): SystemView {
  return {
    columns: columns(`${COMMON} ${more}`),
    rows: ({ view: { catalog } }) =>
      constraintsOf(catalog)
        .filter((constraint) => types.includes(constraint.type))
        .map((constraint) => [...commonRow(catalog, constraint), ...rest(constraint)]),
  };
}

function foreignKeyColumnRows(catalog: Catalog, table: TableObject, key: ForeignKey): Rows {
  const referenced = findById(catalog, key.references);
  return key.columns.map((name, index) => [
    key.id,
    index + 1,
    table.id,
    findColumn(table, name)?.id ?? 0,
    key.references,
    referenced?.kind === "table" ? (findColumn(referenced, key.referencedColumns[index] ?? "")?.id ?? 0) : 0,
  ]);
}

export const CONSTRAINT_VIEWS: Readonly<Record<string, SystemView>> = {
  key_constraints: view(["PK", "UQ"], "unique_index_id:i", ({ id, table }) => [
    table.indexes.find((index) => index.constraint?.id === id)?.id ?? 0,
  ]),
  default_constraints: view(["D"], "parent_column_id:i definition:x", ({ id, table }) => {
    const column = table.columns.find((candidate) => candidate.default?.id === id);
    return [column?.id ?? 0, `(${column?.default?.text ?? ""})`];
  }),
  check_constraints: view(["C"], "definition:x is_disabled:b", ({ id, table }) => [
    `(${table.checks.find((check) => check.id === id)?.text ?? ""})`,
    0,
  ]),
  foreign_keys: view(
    ["F"],
    "referenced_object_id:i is_disabled:b delete_referential_action_desc:t update_referential_action_desc:t",
    ({ id, table }) => {
      const key = table.foreignKeys.find((candidate) => candidate.id === id);
      const shown = (action = "NO ACTION"): string => action.replace(" ", "_");
      return [key?.references ?? 0, 0, shown(key?.onDelete), shown(key?.onUpdate)];
    },
  ),
  foreign_key_columns: {
    columns: columns(
      "constraint_object_id:i constraint_column_id:i parent_object_id:i parent_column_id:i referenced_object_id:i referenced_column_id:i",
    ),
    rows: ({ view: { catalog } }) =>
      tablesOf(catalog).flatMap((table) =>
        table.foreignKeys.flatMap((key) => foreignKeyColumnRows(catalog, table, key)),
      ),
  },
};
