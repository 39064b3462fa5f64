import type { TableColumn } from "../model.ts";

/** system_type_id and user_type_id (learn.microsoft.com, sys.types). */
export const TYPE_IDS: Readonly<Record<string, number>> = {
  image: 34,
  text: 35,
  uniqueidentifier: 36,
  date: 40,
  time: 41,
  datetime2: 42,
  datetimeoffset: 43,
  tinyint: 48,
  smallint: 52,
  int: 56,
  smalldatetime: 58,
  real: 59,
  money: 60,
  datetime: 61,
  float: 62,
  sql_variant: 98,
  ntext: 99,
  bit: 104,
  decimal: 106,
  numeric: 108,
  smallmoney: 122,
  bigint: 127,
  varbinary: 165,
  varchar: 167,
  binary: 173,
  char: 175,
  timestamp: 189,
  nvarchar: 231,
  nchar: 239,
  xml: 241,
  sysname: 256,
};

const PRECISIONS: Readonly<Record<string, readonly [number, number]>> = {
  bit: [1, 0],
  tinyint: [3, 0],
  smallint: [5, 0],
  int: [10, 0],
  bigint: [19, 0],
  money: [19, 4],
  real: [24, 0],
  float: [53, 0],
  date: [10, 0],
  datetime: [23, 3],
  smalldatetime: [16, 0],
};

/** The name the catalogue views show. */
export function shownTypeName(column: Pick<TableColumn, "type" | "typeName">): string {
  const known = column.typeName in TYPE_IDS;
  return known ? column.typeName : column.type.name;
}

export function typeId(column: Pick<TableColumn, "type" | "typeName">): number {
  return TYPE_IDS[shownTypeName(column)] ?? 0;
}

export function precisionAndScale({ type }: Pick<TableColumn, "type">): readonly [number, number] {
  if (type.name === "decimal") return [type.precision ?? 18, type.scale ?? 0];
  if (type.scale !== undefined)
    return [
      { time: 8, datetime2: 19, datetimeoffset: 26 }[type.name as "time"] +
        (type.scale === 0 ? 0 : type.scale + 1),
      type.scale,
    ];
  return PRECISIONS[type.name] ?? [0, 0];
}
