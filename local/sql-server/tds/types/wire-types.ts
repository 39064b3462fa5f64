import type { SqlType } from "../../session.ts";

/** First byte of a type's description (MS-TDS 2.2.5.4). */
export const WireType = {
  null: 0x1f,
  image: 0x22,
  text: 0x23,
  guid: 0x24,
  intN: 0x26,
  date: 0x28,
  time: 0x29,
  datetime2: 0x2a,
  datetimeoffset: 0x2b,
  tinyint: 0x30,
  bit: 0x32,
  smallint: 0x34,
  int: 0x38,
  smalldatetime: 0x3a,
  real: 0x3b,
  money: 0x3c,
  datetime: 0x3d,
  float: 0x3e,
  variant: 0x62,
  ntext: 0x63,
  bitN: 0x68,
  decimalN: 0x6a,
  numericN: 0x6c,
  floatN: 0x6d,
  moneyN: 0x6e,
  datetimeN: 0x6f,
  smallmoney: 0x7a,
  bigint: 0x7f,
  varbinary: 0xa5,
  varchar: 0xa7,
  binary: 0xad,
  char: 0xaf,
  nvarchar: 0xe7,
  nchar: 0xef,
  xml: 0xf1,
} as const;

interface SizedType {
  /** For columns that cannot be NULL: values carry no length. Some types have no such form. */
  readonly fixed: number | undefined;
  /** For all others: one byte of length before each value, 0 for NULL. */
  readonly nullable: number;
  readonly bytes: number;
}

/**
 * Types of one size. A column says by its type's form whether it can be NULL, and clients believe the column's
 * flag rather than the form: the two must agree.
 */
export const sizedTypes: Readonly<Partial<Record<SqlType["name"], SizedType>>> = {
  tinyint: { fixed: WireType.tinyint, nullable: WireType.intN, bytes: 1 },
  smallint: { fixed: WireType.smallint, nullable: WireType.intN, bytes: 2 },
  int: { fixed: WireType.int, nullable: WireType.intN, bytes: 4 },
  bigint: { fixed: WireType.bigint, nullable: WireType.intN, bytes: 8 },
  bit: { fixed: WireType.bit, nullable: WireType.bitN, bytes: 1 },
  real: { fixed: WireType.real, nullable: WireType.floatN, bytes: 4 },
  float: { fixed: WireType.float, nullable: WireType.floatN, bytes: 8 },
  money: { fixed: WireType.money, nullable: WireType.moneyN, bytes: 8 },
  datetime: { fixed: WireType.datetime, nullable: WireType.datetimeN, bytes: 8 },
  smalldatetime: { fixed: WireType.smalldatetime, nullable: WireType.datetimeN, bytes: 4 },
  uniqueidentifier: { fixed: undefined, nullable: WireType.guid, bytes: 16 },
};

/** The length that stands for (max), and the length of NULL among shorter values. */
export const MAX_LENGTH = 0xffff;
/** The longest value, in bytes, of a type that is not (max). */
export const LONGEST_BYTES = 8000;

/** Values of (max) types come in chunks after their whole length; this length is NULL. */
export const PLP_NULL = 0xffff_ffff_ffff_ffffn;

export const DEFAULT_PRECISION = 18;
/** Of time, datetime2 and datetimeoffset. */
export const DEFAULT_TIME_SCALE = 7;
/** What TYPE_INFO says a sql_variant may hold. */
export const VARIANT_BYTES = 8009;
