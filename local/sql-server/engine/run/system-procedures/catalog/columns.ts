import type { TableColumn } from "../../../catalog/model.ts";
import { precisionAndScale, shownTypeName } from "../../../catalog/views/types.ts";
import type { Storage } from "../../../syntax/expression.ts";
import { isBinary, isNumber, isString } from "../../../types/sql-type.ts";
import { matchesPattern } from "../../../functions/patterns.ts";
import { objectsNamed, type CatalogProcedure, type Row } from "./catalog-procedure.ts";
import { ODBC_TYPES, odbcCodes, type OdbcType } from "./odbc-types.ts";

/** A type the table of ODBC types does not know: text of any length. */
const UNKNOWN: OdbcType = { code: -9, precision: 0, native: [39, 39] };

/** sp_columns. Views have no columns here, as in sys.columns. */
export const COLUMNS: CatalogProcedure = {
  name: "sp_columns",
  parameters: "table_name! table_owner table_qualifier column_name odbcver",
  columns: `TABLE_QUALIFIER:t TABLE_OWNER:t TABLE_NAME:t COLUMN_NAME:t DATA_TYPE:s TYPE_NAME:t PRECISION:i LENGTH:i
    SCALE:s RADIX:s NULLABLE:s REMARKS:254 COLUMN_DEF:x SQL_DATA_TYPE:s SQL_DATETIME_SUB:s CHAR_OCTET_LENGTH:i
    ORDINAL_POSITION:i IS_NULLABLE:254 SS_DATA_TYPE:y`,
  rows: (given, facts) => {
    const column = given("column_name") ?? "%";
    const version = Number(given("odbcver") ?? "2");
    const wanted = [given("table_name"), given("table_owner"), given("table_qualifier")] as const;
    return objectsNamed(facts, wanted).flatMap((table) =>
      table.kind !== "table"
        ? []
        : table.columns.flatMap((one, index) =>
            matchesPattern(one.name, column)
              ? [
                  [
                    facts.view.database,
                    table.schema,
                    table.name,
                    one.name,
                    ...columnCells(one, index + 1, version),
                  ],
                ]
              : [],
          ),
    );
  },
};

/** From DATA_TYPE to SS_DATA_TYPE. @param ordinal ORDINAL_POSITION */
export function columnCells(column: TableColumn, ordinal: number, version: number): Row {
  const type = odbcTypeOf(column);
  const { precision, length, scale } = sizesOf(column);
  const [code, sqlType, subtype] = odbcCodes(type, version);
  const counted = isString(column.type) || isBinary(column.type);
  return [
    ...[code, typeName(column), precision, length, scale, type.radix ?? null, column.nullable ? 1 : 0, null],
    column.default === undefined ? null : `(${column.default.text})`,
    ...[sqlType, subtype, counted ? length : null],
    ...[ordinal, column.nullable ? "YES" : "NO", type.native[column.nullable ? 1 : 0]],
  ];
}

/** DATA_TYPE, TYPE_NAME, PRECISION, LENGTH, SCALE, as sp_special_columns gives them. */
export function typeCells(column: TableColumn, version: number): Row {
  const { precision, length, scale } = sizesOf(column);
  return [odbcCodes(odbcTypeOf(column), version)[0], typeName(column), precision, length, scale];
}

function odbcTypeOf(column: TableColumn): OdbcType {
  return ODBC_TYPES[shownTypeName(column)] ?? UNKNOWN;
}

function typeName(column: TableColumn): string {
  const name = shownTypeName(column);
  if (column.identity === undefined) return name;
  return `${name}${column.type.name === "decimal" ? "()" : ""} identity`;
}

interface Sizes {
  readonly precision: Storage;
  readonly length: Storage;
  readonly scale: Storage;
}

function sizesOf(column: TableColumn): Sizes {
  const { type } = column;
  const { bytes, precision, scale } = odbcTypeOf(column);
  const [digits, places] = precisionAndScale(column);
  if (bytes === undefined) {
    if (isNumber(type)) return { precision: digits, length: digits + 2, scale: places };
    return lengthSizes(type.name, type.length ?? precision);
  }
  // time(3) is shorter than time(7).
  if (type.scale !== undefined) return { precision: digits, length: bytes, scale: places };
  return { precision, length: bytes, scale: scale?.[0] ?? null };
}

/** (max) is told as 0. */
function lengthSizes(name: string, length: number | "max"): Sizes {
  const count = length === "max" ? 0 : length;
  return { precision: count, length: name.startsWith("n") ? count * 2 : count, scale: null };
}
