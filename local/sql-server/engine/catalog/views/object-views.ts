import { constraintsOf } from "../constraints.ts";
import type { Catalog, CatalogObject } from "../model.ts";
import type { SystemView } from "../system-view.ts";
import type { Storage } from "../../syntax/expression.ts";
import { columns, storedDate } from "./columns.ts";
import { TYPE_IDS } from "./types.ts";

const FIXED_SCHEMAS: readonly (readonly [string, number])[] = [
  ["dbo", 1],
  ["guest", 2],
  ["INFORMATION_SCHEMA", 3],
  ["sys", 4],
];

const TYPES: Readonly<Record<CatalogObject["kind"], readonly [string, string]>> = {
  table: ["U ", "USER_TABLE"],
  view: ["V ", "VIEW"],
  procedure: ["P ", "SQL_STORED_PROCEDURE"],
};

const CONSTRAINT_TYPES: Readonly<Record<string, string>> = {
  PK: "PRIMARY_KEY_CONSTRAINT",
  UQ: "UNIQUE_CONSTRAINT",
  F: "FOREIGN_KEY_CONSTRAINT",
  C: "CHECK_CONSTRAINT",
  D: "DEFAULT_CONSTRAINT",
};

export function schemaId(catalog: Catalog, schema: string): number {
  const wanted = schema.toLowerCase();
  const fixed = FIXED_SCHEMAS.find(([name]) => name.toLowerCase() === wanted);
  return fixed?.[1] ?? catalog.schemas.find(({ name }) => name.toLowerCase() === wanted)?.id ?? 0;
}

export function schemaNames(catalog: Catalog): readonly (readonly [string, number])[] {
  return [...FIXED_SCHEMAS, ...catalog.schemas.map(({ name, id }) => [name, id] as const)];
}

/** The columns every object has. */
const OBJECT_COLUMNS =
  "name:t object_id:i principal_id:i schema_id:i parent_object_id:i type:c type_desc:t create_date:d modify_date:d is_ms_shipped:b";

function objectRow(catalog: Catalog, object: CatalogObject): readonly Storage[] {
  const [type, description] = TYPES[object.kind];
  const created = storedDate(object.created);
  const schema = schemaId(catalog, object.schema);
  return [
    object.name,
    object.id,
    null,
    schema,
    0,
    type,
    description,
    created,
    storedDate(object.modified),
    0,
  ];
}

function constraintRows(catalog: Catalog): readonly (readonly Storage[])[] {
  return constraintsOf(catalog).map(({ id, name, table, type }) => {
    const created = storedDate(table.created);
    const schema = schemaId(catalog, table.schema);
    return [
      name,
      id,
      null,
      schema,
      table.id,
      type.padEnd(2),
      CONSTRAINT_TYPES[type] ?? "",
      created,
      created,
      0,
    ];
  });
}

function ofKind(kind: CatalogObject["kind"]): SystemView {
  return {
    columns: columns(OBJECT_COLUMNS),
    rows: ({ view: { catalog } }) =>
      [...catalog.objects.values()]
        .filter((object) => object.kind === kind)
        .map((object) => objectRow(catalog, object)),
  };
}

const OBJECTS: SystemView = {
  columns: columns(OBJECT_COLUMNS),
  rows: ({ view: { catalog } }) => [
    ...[...catalog.objects.values()].map((object) => objectRow(catalog, object)),
    ...constraintRows(catalog),
  ],
};

export const OBJECT_VIEWS: Readonly<Record<string, SystemView>> = {
  objects: OBJECTS,
  all_objects: OBJECTS,
  tables: ofKind("table"),
  views: ofKind("view"),
  procedures: ofKind("procedure"),
  schemas: {
    columns: columns("name:t schema_id:i principal_id:i"),
    rows: ({ view: { catalog } }) => schemaNames(catalog).map(([name, id]) => [name, id, 1]),
  },
  sql_modules: {
    columns: columns("object_id:i definition:x"),
    rows: ({ view: { catalog } }) =>
      [...catalog.objects.values()].flatMap((object) =>
        object.kind === "table" ? [] : [[object.id, object.definition]],
      ),
  },
  types: {
    columns: columns("name:t system_type_id:i user_type_id:i schema_id:i is_user_defined:b"),
    rows: () => Object.entries(TYPE_IDS).map(([name, id]) => [name, id === 256 ? 231 : id, id, 4, 0]),
  },
  triggers: { columns: columns(OBJECT_COLUMNS), rows: () => [] },
  sysobjects: {
    columns: columns("name:t id:i xtype:c type:c uid:i parent_obj:i crdate:d"),
    rows: (facts) =>
      OBJECTS.rows(facts).map((row) => [
        row[0] ?? "",
        row[1] ?? 0,
        row[5] ?? "",
        row[5] ?? "",
        row[3] ?? 0,
        row[4] ?? 0,
        row[7] ?? "",
      ]),
  },
};
