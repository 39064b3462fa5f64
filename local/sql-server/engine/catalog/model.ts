import type { SqlType } from "../../session.ts";
import type { PermissionObject, PrincipalObject } from "./principals.ts";
import type { KeyColumn, ReferentialAction } from "../syntax/statement.ts";

/**
 * What a plan depends on: names, columns and definitions, but no ids and dates. The databases of a fleet differ in
 * those alone, so they have one shape, and a statement is planned once for all of them. Compared by identity.
 */
export interface Shape {
  readonly hash: string;
}

/** What a database contains, as of one version of it. Never changed in place. */
export interface Catalog {
  /** SQLite's user_version: another number means other contents. */
  readonly version: number;
  readonly shape: Shape;
  /** By `schema.name` in lower case. */
  readonly objects: ReadonlyMap<string, CatalogObject>;
  /** Besides dbo, sys and INFORMATION_SCHEMA. */
  readonly schemas: readonly SchemaObject[];
  /** Besides those every database has. */
  readonly principals: readonly PrincipalObject[];
  readonly permissions: readonly PermissionObject[];
}

export type CatalogObject = TableObject | ViewObject | ProcedureObject;

interface Named {
  /** object_id */
  readonly id: number;
  readonly schema: string;
  readonly name: string;
  /** ISO, UTC. */
  readonly created: string;
  readonly modified: string;
}

export interface TableObject extends Named {
  readonly kind: "table";
  readonly columns: readonly TableColumn[];
  readonly indexes: readonly TableIndex[];
  readonly checks: readonly CheckConstraint[];
  readonly foreignKeys: readonly ForeignKey[];
}

export interface ViewObject extends Named {
  readonly kind: "view";
  readonly definition: string;
}

export interface ProcedureObject extends Named {
  readonly kind: "procedure";
  readonly definition: string;
}

export interface SchemaObject extends Named {
  readonly kind: "schema";
}

export interface TableColumn {
  /** column_id: never used again after a drop. */
  readonly id: number;
  readonly name: string;
  readonly type: SqlType;
  /** As declared, lower case: text, sysname … */
  readonly typeName: string;
  readonly nullable: boolean;
  readonly identity?: { readonly seed: number; readonly increment: number };
  readonly default?: { readonly id: number; readonly name: string; readonly text: string };
}

/** An index, also that of a primary key or unique constraint. */
export interface TableIndex {
  /** index_id: 1 is the clustered one. */
  readonly id: number;
  readonly name: string;
  readonly unique: boolean;
  readonly clustered: boolean;
  readonly columns: readonly KeyColumn[];
  readonly include: readonly string[];
  readonly filter: string;
  readonly constraint?: { readonly id: number; readonly kind: "primaryKey" | "unique" };
}

export interface CheckConstraint {
  readonly id: number;
  readonly name: string;
  readonly text: string;
}

export interface ForeignKey {
  readonly id: number;
  readonly name: string;
  readonly columns: readonly string[];
  /** object_id of the referenced table. */
  readonly references: number;
  readonly referencedColumns: readonly string[];
  readonly onDelete: ReferentialAction;
  readonly onUpdate: ReferentialAction;
}

export function keyOf(schema: string, name: string): string {
  return `${schema}.${name}`.toLowerCase();
}

/** `dbo.T`, as messages name an object. */
export function displayName(object: { readonly schema: string; readonly name: string }): string {
  return `${object.schema}.${object.name}`;
}

export function findColumn(table: TableObject, name: string): TableColumn | undefined {
  const wanted = name.toLowerCase();
  return table.columns.find((column) => column.name.toLowerCase() === wanted);
}

export function findById(catalog: Catalog, id: number): CatalogObject | undefined {
  for (const object of catalog.objects.values()) if (object.id === id) return object;
  return undefined;
}

export function tablesOf(catalog: Catalog): readonly TableObject[] {
  return [...catalog.objects.values()].filter((object) => object.kind === "table");
}
