import {
  findById,
  findColumn,
  tablesOf,
  type ForeignKey,
  type TableIndex,
  type TableObject,
} from "../../../catalog/model.ts";
import type { CatalogView } from "../../../catalog/lookup.ts";
import type { ReferentialAction } from "../../../syntax/statement.ts";
import { compare, isSame, objectsNamed, type CatalogProcedure, type Row } from "./catalog-procedure.ts";
import { typeCells } from "./columns.ts";

const RULES: Readonly<Record<ReferentialAction, number>> = {
  CASCADE: 0,
  "NO ACTION": 1,
  "SET NULL": 2,
  "SET DEFAULT": 3,
};
const NOT_DEFERRABLE = 7;

function primaryKeyOf(table: TableObject): TableIndex | undefined {
  return table.indexes.find(({ constraint }) => constraint?.kind === "primaryKey");
}

/** sp_pkeys. */
export const PRIMARY_KEYS: CatalogProcedure = {
  name: "sp_pkeys",
  parameters: "table_name! table_owner table_qualifier",
  columns: "TABLE_QUALIFIER:t TABLE_OWNER:t TABLE_NAME:t COLUMN_NAME:t KEY_SEQ:s PK_NAME:t",
  rows: (given, facts) => {
    const wanted = [given("table_name"), given("table_owner"), given("table_qualifier")] as const;
    return objectsNamed(facts, wanted, isSame).flatMap((table) => {
      const key = table.kind === "table" ? primaryKeyOf(table) : undefined;
      const place = [facts.view.database, table.schema, table.name];
      return key?.columns.map(({ name }, index) => [...place, name, index + 1, key.name]) ?? [];
    });
  },
};

/** sp_fkeys: of the referencing table, of the referenced one, or of both. */
export const FOREIGN_KEYS: CatalogProcedure = {
  name: "sp_fkeys",
  parameters: "pktable_name pktable_owner pktable_qualifier fktable_name fktable_owner fktable_qualifier",
  columns: `PKTABLE_QUALIFIER:t PKTABLE_OWNER:t PKTABLE_NAME:t PKCOLUMN_NAME:t FKTABLE_QUALIFIER:t FKTABLE_OWNER:t
    FKTABLE_NAME:t FKCOLUMN_NAME:t KEY_SEQ:s UPDATE_RULE:s DELETE_RULE:s FK_NAME:t PK_NAME:t DEFERRABILITY:s`,
  rows: (given, facts) => {
    const fits = (table: TableObject, side: "pk" | "fk"): boolean => {
      const [name, owner] = [given(`${side}table_name`), given(`${side}table_owner`)];
      return (
        (name === undefined || isSame(name, table.name)) &&
        (owner === undefined || isSame(owner, table.schema))
      );
    };
    return tablesOf(facts.view.catalog)
      .flatMap((table) => table.foreignKeys.map((key) => ({ table, key, parent: parentOf(facts.view, key) })))
      .flatMap(({ table, key, parent }) =>
        parent !== undefined && fits(table, "fk") && fits(parent, "pk")
          ? keyRows(facts.view.database, { table, key, parent })
          : [],
      )
      .sort((left, right) =>
        compare(
          [5, 6, 8].map((at) => left[at] ?? null),
          [5, 6, 8].map((at) => right[at] ?? null),
        ),
      );
  },
};

function parentOf({ catalog }: CatalogView, { references }: ForeignKey): TableObject | undefined {
  const parent = findById(catalog, references);
  return parent?.kind === "table" ? parent : undefined;
}

interface Relation {
  readonly table: TableObject;
  readonly key: ForeignKey;
  readonly parent: TableObject;
}

function keyRows(database: string, { table, key, parent }: Relation): readonly Row[] {
  return key.columns.map((column, index) => [
    ...[database, parent.schema, parent.name, key.referencedColumns[index] ?? null],
    ...[database, table.schema, table.name, column, index + 1],
    ...[
      RULES[key.onUpdate],
      RULES[key.onDelete],
      key.name,
      primaryKeyOf(parent)?.name ?? null,
      NOT_DEFERRABLE,
    ],
  ]);
}

/** sp_statistics: first the table itself, then its indexes. Rows and pages are not counted. */
export const STATISTICS: CatalogProcedure = {
  name: "sp_statistics",
  parameters: "table_name! table_owner table_qualifier index_name is_unique accuracy",
  columns: `TABLE_QUALIFIER:t TABLE_OWNER:t TABLE_NAME:t NON_UNIQUE:s INDEX_QUALIFIER:t INDEX_NAME:t TYPE:s
    SEQ_IN_INDEX:s COLUMN_NAME:t COLLATION:c CARDINALITY:i PAGES:i FILTER_CONDITION:128`,
  rows: (given, facts) => {
    const wanted = [given("table_name"), given("table_owner"), given("table_qualifier")] as const;
    const unique = given("is_unique")?.toUpperCase() === "Y";
    return objectsNamed(facts, wanted, isSame).flatMap((table) => {
      if (table.kind !== "table") return [];
      const place = [facts.view.database, table.schema, table.name];
      const indexes = table.indexes.filter((index) => !unique || index.unique);
      const rows = indexes.flatMap((index) => indexRows(place, table.name, index));
      rows.sort((left, right) =>
        compare(
          [3, 6, 5, 7].map((at) => left[at] ?? null),
          [3, 6, 5, 7].map((at) => right[at] ?? null),
        ),
      );
      return [[...place, null, null, null, 0, null, null, null, null, null, null], ...rows];
    });
  },
};

function indexRows(place: Row, table: string, index: TableIndex): readonly Row[] {
  return index.columns.map(({ name, descending }, at) => [
    ...[...place, index.unique ? 0 : 1, table, index.name, index.clustered ? 1 : 3],
    ...[at + 1, name, descending ? "D" : "A", null, null, null],
  ]);
}

/** sp_special_columns: the primary key, which names a row for good. */
export const SPECIAL_COLUMNS: CatalogProcedure = {
  name: "sp_special_columns",
  parameters: "table_name! table_owner qualifier col_type scope nullable odbcver",
  columns: "SCOPE:s COLUMN_NAME:t DATA_TYPE:s TYPE_NAME:t PRECISION:i LENGTH:i SCALE:s PSEUDO_COLUMN:s",
  rows: (given, facts) => {
    const wanted = [given("table_name"), given("table_owner"), given("qualifier")] as const;
    const version = Number(given("odbcver") ?? "2");
    if (given("col_type")?.toUpperCase() === "V") return [];
    return objectsNamed(facts, wanted, isSame).flatMap((table) => {
      if (table.kind !== "table") return [];
      const columns = primaryKeyOf(table)?.columns.flatMap(({ name }) => findColumn(table, name) ?? []) ?? [];
      return columns.map((column) => [1, column.name, ...typeCells(column, version), 1]);
    });
  },
};
