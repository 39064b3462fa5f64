/** How ODBC sees a type (learn.microsoft.com, "SQL data types" and sp_datatype_info). */
export interface OdbcType {
  /** ODBC 3's code. */
  readonly code: number;
  /** ODBC 2's, where it differs. */
  readonly oldCode?: number;
  /** SQL_DATETIME_SUB; SQL_DATA_TYPE is then 9. */
  readonly subtype?: number;
  /** Characters or digits at most. */
  readonly precision: number;
  /** Bytes; absent when the declared length says it. */
  readonly bytes?: number;
  readonly radix?: 2 | 10;
  /** Smallest and largest scale. */
  readonly scale?: readonly [number, number];
  /** What a literal begins with; text also ends with a quote. */
  readonly literal?: "'" | "N'" | "0x" | "$";
  readonly parameters?: string;
  /** SS_DATA_TYPE: of a NOT NULL column, of one that may be null. */
  readonly native: readonly [number, number];
}

const NAMELESS = { native: [0, 0] } as const;

export const ODBC_TYPES: Readonly<Record<string, OdbcType>> = {
  bigint: { code: -5, precision: 19, bytes: 8, radix: 10, scale: [0, 0], native: [63, 108] },
  binary: { code: -2, precision: 8000, literal: "0x", parameters: "length", native: [45, 37] },
  bit: { code: -7, precision: 1, bytes: 1, native: [50, 50] },
  char: { code: 1, precision: 8000, literal: "'", parameters: "length", native: [47, 39] },
  date: { code: 91, oldCode: 9, subtype: 1, precision: 10, bytes: 6, literal: "'", ...NAMELESS },
  datetime: {
    ...{ code: 93, oldCode: 11, subtype: 3, precision: 23, bytes: 16, scale: [3, 3], literal: "'" },
    native: [61, 111],
  },
  datetime2: {
    ...{ code: 93, oldCode: 11, subtype: 3, precision: 27, bytes: 16, scale: [0, 7], literal: "'" },
    ...{ parameters: "scale", ...NAMELESS },
  },
  datetimeoffset: {
    ...{ code: -155, precision: 34, bytes: 20, scale: [0, 7], literal: "'", parameters: "scale" },
    ...NAMELESS,
  },
  decimal: {
    ...{ code: 3, precision: 38, radix: 10, scale: [0, 38], parameters: "precision,scale" },
    native: [55, 106],
  },
  float: { code: 6, precision: 53, bytes: 8, radix: 2, native: [62, 109] },
  image: { code: -4, precision: 2_147_483_647, bytes: 2_147_483_647, literal: "0x", native: [34, 34] },
  int: { code: 4, precision: 10, bytes: 4, radix: 10, scale: [0, 0], native: [56, 38] },
  money: { code: 3, precision: 19, bytes: 21, radix: 10, scale: [4, 4], literal: "$", native: [60, 110] },
  nchar: { code: -8, precision: 4000, literal: "N'", parameters: "length", native: [47, 39] },
  ntext: { code: -10, precision: 1_073_741_823, bytes: 2_147_483_646, literal: "N'", native: [35, 35] },
  numeric: {
    ...{ code: 2, precision: 38, radix: 10, scale: [0, 38], parameters: "precision,scale" },
    native: [63, 108],
  },
  nvarchar: { code: -9, precision: 4000, literal: "N'", parameters: "max length", native: [39, 39] },
  real: { code: 7, precision: 24, bytes: 4, radix: 2, native: [59, 109] },
  smalldatetime: {
    ...{ code: 93, oldCode: 11, subtype: 3, precision: 16, bytes: 16, scale: [0, 0], literal: "'" },
    native: [58, 111],
  },
  smallint: { code: 5, precision: 5, bytes: 2, radix: 10, scale: [0, 0], native: [52, 38] },
  smallmoney: {
    ...{ code: 3, precision: 10, bytes: 12, radix: 10, scale: [4, 4], literal: "$" },
    native: [122, 110],
  },
  sql_variant: { code: -150, precision: 8000, bytes: 8000, scale: [0, 0], native: [39, 39] },
  sysname: { code: -9, precision: 128, bytes: 256, literal: "N'", native: [39, 39] },
  text: { code: -1, precision: 2_147_483_647, bytes: 2_147_483_647, literal: "'", native: [35, 35] },
  time: {
    ...{ code: -154, precision: 16, bytes: 12, scale: [0, 7], literal: "'", parameters: "scale" },
    ...NAMELESS,
  },
  timestamp: { code: -2, precision: 8, bytes: 8, literal: "0x", native: [45, 37] },
  tinyint: { code: -6, precision: 3, bytes: 1, radix: 10, scale: [0, 0], native: [48, 38] },
  uniqueidentifier: { code: -11, precision: 36, bytes: 16, literal: "'", native: [37, 37] },
  varbinary: { code: -3, precision: 8000, literal: "0x", parameters: "max length", native: [37, 37] },
  varchar: { code: 12, precision: 8000, literal: "'", parameters: "max length", native: [39, 39] },
  xml: { code: -152, precision: 0, bytes: 0, literal: "N'", ...NAMELESS },
};

const SQL_DATETIME = 9;

/** DATA_TYPE, SQL_DATA_TYPE and SQL_DATETIME_SUB for a client of ODBC 2 or 3. */
export function odbcCodes(type: OdbcType, version: number): readonly [number, number, number | null] {
  const code = version >= 3 ? type.code : (type.oldCode ?? type.code);
  return [code, type.subtype === undefined ? code : SQL_DATETIME, type.subtype ?? null];
}
