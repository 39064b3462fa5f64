import type { ProcedureObject, TableColumn } from "../../../catalog/model.ts";
import { matchesPattern } from "../../../functions/patterns.ts";
import { parseBatch } from "../../../parser/parse-batch.ts";
import { INT } from "../../../types/sql-type.ts";
import { objectsNamed, type CatalogProcedure, type Row } from "./catalog-procedure.ts";
import { columnCells } from "./columns.ts";

/** COLUMN_TYPE: SQL_PARAM_INPUT, SQL_PARAM_INPUT_OUTPUT, SQL_RETURN_VALUE. */
const Kind = { input: 1, inputOutput: 2, returnValue: 5 } as const;

interface Parameter {
  readonly column: TableColumn;
  readonly kind: number;
}

/** sp_sproc_columns: what the procedure returns, then its parameters. */
export const PROCEDURE_COLUMNS: CatalogProcedure = {
  name: "sp_sproc_columns",
  parameters: "procedure_name procedure_owner procedure_qualifier column_name odbcver fusepattern",
  columns: `PROCEDURE_QUALIFIER:t PROCEDURE_OWNER:t PROCEDURE_NAME:t COLUMN_NAME:t COLUMN_TYPE:s DATA_TYPE:s TYPE_NAME:t
    PRECISION:i LENGTH:i SCALE:s RADIX:s NULLABLE:s REMARKS:254 COLUMN_DEF:x SQL_DATA_TYPE:s SQL_DATETIME_SUB:s
    CHAR_OCTET_LENGTH:i ORDINAL_POSITION:i IS_NULLABLE:254 SS_DATA_TYPE:y`,
  rows: (given, facts) => {
    const wanted = [given("procedure_name"), given("procedure_owner"), given("procedure_qualifier")] as const;
    const pattern = given("column_name") ?? "%";
    const version = Number(given("odbcver") ?? "2");
    return objectsNamed(facts, wanted).flatMap((object): readonly Row[] => {
      if (object.kind !== "procedure") return [];
      const place = [facts.view.database, object.schema, `${object.name};1`];
      return parametersOf(object).flatMap(({ column, kind }) =>
        matchesPattern(column.name, pattern)
          ? [[...place, column.name, kind, ...columnCells(column, column.id, version)]]
          : [],
      );
    });
  },
};

function parametersOf({ definition }: ProcedureObject): readonly Parameter[] {
  const returned = { id: 0, name: "@RETURN_VALUE", type: INT, typeName: "int", nullable: false };
  const [parsed] = parseBatch(definition);
  const parameters = parsed?.kind === "procedure" ? parsed.parameters : [];
  return [
    { column: returned, kind: Kind.returnValue },
    ...parameters.map(({ name, type, output }, index) => ({
      column: { id: index + 1, name, type, typeName: type.name, nullable: true },
      kind: output ? Kind.inputOutput : Kind.input,
    })),
  ];
}
