import { tablesOf, type Catalog, type TableObject } from "./model.ts";

/** A constraint as an object of its own (sys.objects has them, too). */
export interface ConstraintObject {
  readonly id: number;
  readonly name: string;
  readonly table: TableObject;
  /** sys.objects.type: PK, UQ, F, C, D */
  readonly type: "PK" | "UQ" | "F" | "C" | "D";
}

export function constraintsOf(catalog: Catalog): readonly ConstraintObject[] {
  return tablesOf(catalog).flatMap(constraintsOfTable);
}

export function constraintsOfTable(table: TableObject): readonly ConstraintObject[] {
  const keys = table.indexes.flatMap(({ name, constraint }) =>
    constraint === undefined
      ? []
      : [
          {
            id: constraint.id,
            name,
            table,
            type: constraint.kind === "primaryKey" ? ("PK" as const) : ("UQ" as const),
          },
        ],
  );
  const foreign = table.foreignKeys.map(({ id, name }) => ({ id, name, table, type: "F" as const }));
  const checks = table.checks.map(({ id, name }) => ({ id, name, table, type: "C" as const }));
  const defaults = table.columns.flatMap((column) =>
    column.default === undefined
      ? []
      : [{ id: column.default.id, name: column.default.name, table, type: "D" as const }],
  );
  return [...keys, ...foreign, ...checks, ...defaults];
}
