import { newObjectId } from "../catalog/store.ts";

/** The name SQL Server would make up: `PK__Orders__3214EC07A1B2C3D4`. */
export function madeUpName(prefix: string, table: string, column = ""): string {
  const suffix = newObjectId().toString(16).toUpperCase().padStart(8, "0");
  const middle = column === "" ? "" : `__${column.slice(0, 5)}`;
  return `${prefix}__${table.slice(0, 9)}${middle}__${suffix}`;
}
