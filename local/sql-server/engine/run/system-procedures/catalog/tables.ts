import type { CatalogObject } from "../../../catalog/model.ts";
import { objectsNamed, type CatalogProcedure } from "./catalog-procedure.ts";

const TYPES = { table: "TABLE", view: "VIEW" } as const;

/** sp_tables. The system's own views are left out. */
export const TABLES: CatalogProcedure = {
  name: "sp_tables",
  parameters: "table_name table_owner table_qualifier table_type fusepattern",
  columns: "TABLE_QUALIFIER:t TABLE_OWNER:t TABLE_NAME:t TABLE_TYPE:32 REMARKS:254",
  rows: (given, facts) => {
    const types = (given("table_type") ?? "").toUpperCase();
    const wanted = [given("table_name"), given("table_owner"), given("table_qualifier")] as const;
    const rows = objectsNamed(facts, wanted).flatMap((object) => {
      const type = typeOf(object);
      return type === undefined || !(types === "" || types.includes(`'${type}'`))
        ? []
        : [[facts.view.database, object.schema, object.name, type, null]];
    });
    return [...rows.filter((row) => row[3] === "TABLE"), ...rows.filter((row) => row[3] === "VIEW")];
  },
};

function typeOf({ kind }: CatalogObject): string | undefined {
  return kind === "procedure" ? undefined : TYPES[kind];
}

/** sp_stored_procedures. */
export const STORED_PROCEDURES: CatalogProcedure = {
  name: "sp_stored_procedures",
  parameters: "sp_name sp_owner sp_qualifier fusepattern",
  columns: `PROCEDURE_QUALIFIER:t PROCEDURE_OWNER:t PROCEDURE_NAME:t NUM_INPUT_PARAMS:i NUM_OUTPUT_PARAMS:i
    NUM_RESULT_SETS:i REMARKS:254 PROCEDURE_TYPE:s`,
  rows: (given, facts) => {
    const wanted = [given("sp_name"), given("sp_owner"), given("sp_qualifier")] as const;
    return objectsNamed(facts, wanted).flatMap(({ kind, schema, name }) =>
      // As the server does: nothing is counted, and every procedure counts as one with a result (2: function).
      kind === "procedure" ? [[facts.view.database, schema, `${name};1`, -1, -1, -1, null, 2]] : [],
    );
  },
};
