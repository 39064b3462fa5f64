import {
  displayName,
  findById,
  tablesOf,
  type CatalogObject,
  type TableColumn,
  type TableObject,
} from "../model.ts";
import type { SystemFacts, SystemView } from "../system-view.ts";
import type { Storage } from "../../syntax/expression.ts";
import { constraintsOfTable } from "../constraints.ts";
import { columns, storedDate } from "./columns.ts";
import { schemaNames } from "./object-views.ts";
import { precisionAndScale, shownTypeName } from "./types.ts";
import { isDate, isNumber } from "../../types/sql-type.ts";

type Rows = readonly (readonly Storage[])[];

function tableRows({ view }: SystemFacts): Rows {
  return [...view.catalog.objects.values()].flatMap((object) =>
    object.kind === "procedure"
      ? []
      : [[view.database, object.schema, object.name, object.kind === "table" ? "BASE TABLE" : "VIEW"]],
  );
}

function columnRow(database: string, table: TableObject, column: TableColumn): readonly Storage[] {
  const shown = shownTypeName(column);
  return [
    database,
    table.schema,
    table.name,
    column.name,
    table.columns.indexOf(column) + 1,
    column.default === undefined ? null : `(${column.default.text})`,
    column.nullable ? "YES" : "NO",
    shown === "sysname" ? "nvarchar" : shown,
    ...sizeCells(column),
  ];
}

/** Characters (-1 for max), precision, scale, fraction of a date: null where they mean nothing. */
function sizeCells(column: TableColumn): readonly Storage[] {
  const { type } = column;
  const [precision, scale] = precisionAndScale(column);
  const length = type.length === "max" ? -1 : (type.length ?? null);
  if (isDate(type)) return [null, null, null, scale];
  return isNumber(type) && type.name !== "bit" ? [null, precision, scale, null] : [length, null, null, null];
}

const CONSTRAINT_NAMES: Readonly<Record<string, string>> = {
  PK: "PRIMARY KEY",
  UQ: "UNIQUE",
  F: "FOREIGN KEY",
  C: "CHECK",
};

function constraintRows({ view }: SystemFacts): Rows {
  return tablesOf(view.catalog).flatMap((table) =>
    constraintsOfTable(table)
      .filter((constraint) => constraint.type in CONSTRAINT_NAMES)
      .map(({ name, type }) => [
        view.database,
        table.schema,
        name,
        view.database,
        table.schema,
        table.name,
        CONSTRAINT_NAMES[type] ?? "",
      ]),
  );
}

function keyColumnRows({ view }: SystemFacts): Rows {
  return tablesOf(view.catalog).flatMap((table) => {
    const keys = table.indexes.flatMap(({ name, columns: keyColumns, constraint }) =>
      constraint === undefined
        ? []
        : keyColumns.map((column, index) => ({ name, column: column.name, index })),
    );
    const foreign = table.foreignKeys.flatMap(({ name, columns: names }) =>
      names.map((column, index) => ({ name, column, index })),
    );
    return [...keys, ...foreign].map(({ name, column, index }) => [
      table.schema,
      name,
      table.schema,
      table.name,
      column,
      index + 1,
    ]);
  });
}

function referentialRows({ view }: SystemFacts): Rows {
  return tablesOf(view.catalog).flatMap((table) =>
    table.foreignKeys.map((key) => {
      const referenced = findById(view.catalog, key.references);
      const target = referenced === undefined ? "" : displayName(referenced);
      return [table.schema, key.name, target, key.onUpdate, key.onDelete];
    }),
  );
}

function moduleRows(kind: CatalogObject["kind"]): (facts: SystemFacts) => Rows {
  return ({ view }) =>
    [...view.catalog.objects.values()].flatMap((object) =>
      object.kind !== kind || object.kind === "table"
        ? []
        : [
            [
              view.database,
              object.schema,
              object.name,
              "PROCEDURE",
              object.definition,
              storedDate(object.created),
            ],
          ],
    );
}

export const INFORMATION_SCHEMA: Readonly<Record<string, SystemView>> = {
  tables: { columns: columns("TABLE_CATALOG:t TABLE_SCHEMA:t TABLE_NAME:t TABLE_TYPE:t"), rows: tableRows },
  columns: {
    columns: columns(
      "TABLE_CATALOG:t TABLE_SCHEMA:t TABLE_NAME:t COLUMN_NAME:t ORDINAL_POSITION:i COLUMN_DEFAULT:x IS_NULLABLE:t DATA_TYPE:t CHARACTER_MAXIMUM_LENGTH:i NUMERIC_PRECISION:i NUMERIC_SCALE:i DATETIME_PRECISION:i",
    ),
    rows: ({ view }) =>
      tablesOf(view.catalog).flatMap((table) =>
        table.columns.map((column) => columnRow(view.database, table, column)),
      ),
  },
  table_constraints: {
    columns: columns(
      "CONSTRAINT_CATALOG:t CONSTRAINT_SCHEMA:t CONSTRAINT_NAME:t TABLE_CATALOG:t TABLE_SCHEMA:t TABLE_NAME:t CONSTRAINT_TYPE:t",
    ),
    rows: constraintRows,
  },
  key_column_usage: {
    columns: columns(
      "CONSTRAINT_SCHEMA:t CONSTRAINT_NAME:t TABLE_SCHEMA:t TABLE_NAME:t COLUMN_NAME:t ORDINAL_POSITION:i",
    ),
    rows: keyColumnRows,
  },
  referential_constraints: {
    columns: columns(
      "CONSTRAINT_SCHEMA:t CONSTRAINT_NAME:t UNIQUE_CONSTRAINT_NAME:t UPDATE_RULE:t DELETE_RULE:t",
    ),
    rows: referentialRows,
  },
  routines: {
    columns: columns(
      "ROUTINE_CATALOG:t ROUTINE_SCHEMA:t ROUTINE_NAME:t ROUTINE_TYPE:t ROUTINE_DEFINITION:x CREATED:d",
    ),
    rows: moduleRows("procedure"),
  },
  views: {
    columns: columns("TABLE_CATALOG:t TABLE_SCHEMA:t TABLE_NAME:t TABLE_TYPE:t VIEW_DEFINITION:x CREATED:d"),
    rows: moduleRows("view"),
  },
  schemata: {
    columns: columns("CATALOG_NAME:t SCHEMA_NAME:t SCHEMA_OWNER:t"),
    rows: ({ view }) => schemaNames(view.catalog).map(([name]) => [view.database, name, "dbo"]),
  },
};
