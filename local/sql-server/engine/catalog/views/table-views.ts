import { byteLength } from "../../functions/metadata.ts";
import { findColumn, tablesOf, type TableColumn, type TableIndex, type TableObject } from "../model.ts";
import type { SystemFacts, SystemView } from "../system-view.ts";
import type { Storage } from "../../syntax/expression.ts";
import { columns } from "./columns.ts";
import { precisionAndScale, typeId } from "./types.ts";

type Rows = readonly (readonly Storage[])[];

function perTable(row: (table: TableObject) => Rows): (facts: SystemFacts) => Rows {
  return ({ view }) => tablesOf(view.catalog).flatMap(row);
}

function columnRow(table: TableObject, column: TableColumn): readonly Storage[] {
  const [precision, scale] = precisionAndScale(column);
  const type = typeId(column);
  const text = column.type.name.includes("char") ? "SQL_Latin1_General_CP1_CI_AS" : null;
  return [
    table.id,
    column.name,
    column.id,
    type === 256 ? 231 : type,
    type,
    byteLength(column),
    precision,
    scale,
    text,
    column.nullable ? 1 : 0,
    column.identity === undefined ? 0 : 1,
    0,
    column.default?.id ?? 0,
  ];
}

function indexRow(table: TableObject, index: TableIndex): readonly Storage[] {
  const kind = index.constraint?.kind;
  return [
    table.id,
    index.name,
    index.id,
    index.clustered ? 1 : 2,
    index.clustered ? "CLUSTERED" : "NONCLUSTERED",
    index.unique ? 1 : 0,
    kind === "primaryKey" ? 1 : 0,
    kind === "unique" ? 1 : 0,
    0,
    index.filter === "" ? 0 : 1,
    index.filter === "" ? null : index.filter,
  ];
}

function indexColumnRows(table: TableObject, index: TableIndex): Rows {
  const keys = index.columns.map((key, at) => [
    table.id,
    index.id,
    at + 1,
    findColumn(table, key.name)?.id ?? 0,
    at + 1,
    key.descending ? 1 : 0,
    0,
  ]);
  const included = index.include.map((name, at) => [
    table.id,
    index.id,
    keys.length + at + 1,
    findColumn(table, name)?.id ?? 0,
    0,
    0,
    1,
  ]);
  return [...keys, ...included];
}

/** A table without a clustered index is a heap: index 0 without a name. */
function heapRow(table: TableObject): Rows {
  if (table.indexes.some((index) => index.clustered)) return [];
  return [[table.id, null, 0, 0, "HEAP", 0, 0, 0, 0, 0, null]];
}

export const TABLE_VIEWS: Readonly<Record<string, SystemView>> = {
  columns: {
    columns: columns(
      "object_id:i name:t column_id:i system_type_id:i user_type_id:i max_length:s precision:i scale:i collation_name:t is_nullable:b is_identity:b is_computed:b default_object_id:i",
    ),
    rows: perTable((table) => table.columns.map((column) => columnRow(table, column))),
  },
  indexes: {
    columns: columns(
      "object_id:i name:t index_id:i type:i type_desc:t is_unique:b is_primary_key:b is_unique_constraint:b is_disabled:b has_filter:b filter_definition:x",
    ),
    rows: perTable((table) => [...heapRow(table), ...table.indexes.map((index) => indexRow(table, index))]),
  },
  index_columns: {
    columns: columns(
      "object_id:i index_id:i index_column_id:i column_id:i key_ordinal:i is_descending_key:b is_included_column:b",
    ),
    rows: perTable((table) => table.indexes.flatMap((index) => indexColumnRows(table, index))),
  },
  identity_columns: {
    columns: columns("object_id:i name:t column_id:i seed_value:i increment_value:i"),
    rows: perTable((table) =>
      table.columns.flatMap(({ name, id, identity }) =>
        identity === undefined ? [] : [[table.id, name, id, identity.seed, identity.increment]],
      ),
    ),
  },
  sysindexes: {
    columns: columns("id:i name:t indid:i"),
    rows: perTable((table) => table.indexes.map((index) => [table.id, index.name, index.id])),
  },
  syscolumns: {
    columns: columns("id:i name:t colid:i xtype:i length:s isnullable:i"),
    rows: perTable((table) =>
      table.columns.map((column) => [
        table.id,
        column.name,
        column.id,
        typeId(column),
        byteLength(column),
        column.nullable ? 1 : 0,
      ]),
    ),
  },
};
