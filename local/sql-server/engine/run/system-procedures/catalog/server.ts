import { compare, type CatalogProcedure, type Row } from "./catalog-procedure.ts";
import { ODBC_TYPES, odbcCodes, type OdbcType } from "./odbc-types.ts";
import { TYPE_IDS } from "../../../catalog/views/types.ts";

/** sp_databases. The size (KB) is not known: the smallest a database of SQL Server has. */
export const DATABASES: CatalogProcedure = {
  name: "sp_databases",
  parameters: "",
  columns: "DATABASE_NAME:t DATABASE_SIZE:i REMARKS:254",
  rows: (_given, facts) =>
    facts
      .databases()
      .map(({ name }) => [name, 16_384, null])
      .sort(compare),
};

/** learn.microsoft.com, sp_server_info. */
const ATTRIBUTES: readonly (readonly [number, string, string])[] = [
  [1, "DBMS_NAME", "Microsoft SQL Server"],
  [2, "DBMS_VER", "Microsoft SQL Server 2022 - 16.0.1000.6"],
  [10, "OWNER_TERM", "owner"],
  [11, "TABLE_TERM", "table"],
  [12, "MAX_OWNER_NAME_LENGTH", "128"],
  [13, "TABLE_LENGTH", "128"],
  [14, "MAX_QUAL_LENGTH", "128"],
  [15, "COLUMN_LENGTH", "128"],
  [16, "IDENTIFIER_CASE", "MIXED"],
  [17, "TX_ISOLATION", "2"],
  [18, "COLLATION_SEQ", "charset=iso_1 sort_order=nocase_iso charset_num=1 sort_order_num=52"],
  [19, "SAVEPOINT_SUPPORT", "Y"],
  [20, "MULTI_RESULT_SETS", "Y"],
  [22, "ACCESSIBLE_TABLES", "Y"],
  [100, "USERID_LENGTH", "128"],
  [101, "QUALIFIER_TERM", "database"],
  [102, "NAMED_TRANSACTIONS", "Y"],
  [103, "SPROC_AS_LANGUAGE", "Y"],
  [104, "ACCESSIBLE_SPROC", "Y"],
  [105, "MAX_INDEX_COLS", "16"],
  [106, "RENAME_TABLE", "Y"],
  [107, "RENAME_COLUMN", "Y"],
  [108, "DROP_COLUMN", "Y"],
  [109, "INCREASE_COLUMN_LENGTH", "Y"],
  [110, "DDL_IN_TRANSACTION", "Y"],
  [111, "DESCENDING_INDEXES", "Y"],
  [112, "SP_RENAME", "Y"],
  [113, "REMOTE_SPROC", "N"],
  [500, "SYS_SPROC_VERSION", "16.00.1000"],
];

/** sp_server_info. */
export const SERVER_INFO: CatalogProcedure = {
  name: "sp_server_info",
  parameters: "attribute_id",
  columns: "ATTRIBUTE_ID:i ATTRIBUTE_NAME:60 ATTRIBUTE_VALUE:255",
  rows: (given) => {
    const id = given("attribute_id");
    return ATTRIBUTES.filter((attribute) => id === undefined || attribute[0] === Number(id));
  },
};

const COUNTED = ["bigint", "decimal", "int", "numeric", "smallint", "tinyint"];

/** sp_datatype_info, with the types that may count (`int identity`) as types of their own. */
export const TYPE_INFO: CatalogProcedure = {
  name: "sp_datatype_info",
  parameters: "data_type odbcver",
  columns: `TYPE_NAME:t DATA_TYPE:s PRECISION:i LITERAL_PREFIX:32 LITERAL_SUFFIX:32 CREATE_PARAMS:32 NULLABLE:s
    CASE_SENSITIVE:s SEARCHABLE:s UNSIGNED_ATTRIBUTE:s MONEY:s AUTO_INCREMENT:s LOCAL_TYPE_NAME:t MINIMUM_SCALE:s
    MAXIMUM_SCALE:s SQL_DATA_TYPE:s SQL_DATETIME_SUB:s NUM_PREC_RADIX:i INTERVAL_PRECISION:s USERTYPE:s`,
  rows: (given) => {
    const wanted = Number(given("data_type") ?? "0");
    const version = Number(given("odbcver") ?? "2");
    return Object.entries(ODBC_TYPES)
      .flatMap(([name, type]) => [
        typeRow(name, type, { version, counts: false }),
        ...(COUNTED.includes(name) ? [typeRow(name, type, { version, counts: true })] : []),
      ])
      .filter((row) => wanted === 0 || row[1] === wanted)
      .sort((left, right) =>
        compare([left[1] ?? null, left[11] ?? null], [right[1] ?? null, right[11] ?? null]),
      );
  },
};

interface TypeForm {
  readonly version: number;
  /** `int identity`. */
  readonly counts: boolean;
}

function typeRow(name: string, type: OdbcType, { version, counts }: TypeForm): Row {
  const { literal = null, parameters = null, radix = null, scale = [null, null] } = type;
  const [code, sqlType, subtype] = odbcCodes(type, version);
  const shown = counts ? `${name}${parameters === null ? "" : "()"} identity` : name;
  const [unsigned, counting] = radix === null ? [null, null] : [Number(name === "tinyint"), Number(counts)];
  return [
    ...[shown, code, type.precision, literal, suffixOf(literal), parameters],
    ...[Number(!counts), 0, searchable(type), unsigned, Number(name.endsWith("money")), counting, shown],
    ...[scale[0], counts ? 0 : scale[1], sqlType, subtype, radix, null, TYPE_IDS[name] ?? 0],
  ];
}

function suffixOf(prefix: OdbcType["literal"] | null): string | null {
  return prefix?.endsWith("'") === true ? "'" : null;
}

/** SQLGetTypeInfo's codes: 0 not at all, 1 only with LIKE, 2 with anything but LIKE, 3 with everything. */
function searchable({ code, literal }: OdbcType): number {
  if (code === -4 || code === -152) return 0;
  if (code === -1 || code === -10) return 1;
  return literal === undefined || literal === "$" || literal === "0x" ? 2 : 3;
}
