import { randomInt } from "node:crypto";
import QuickLRU from "quick-lru";
import type { Connection } from "../storage/connection.ts";
import { keyOf, type Catalog, type CatalogObject, type SchemaObject } from "./model.ts";
import type { PermissionObject, PrincipalObject } from "./principals.ts";
import { toShape } from "./shape.ts";

/** The tables of the stand-in itself, in every database file. */
export const CATALOG_SCHEMA = `
  CREATE TABLE __catalog (id INTEGER PRIMARY KEY, definition TEXT NOT NULL);
  CREATE TABLE __identity (id INTEGER PRIMARY KEY, last INTEGER NOT NULL);
`;

/** Kept per version: sessions of one database share it, and a rolled back version never comes again. */
const cache = new QuickLRU<number, Catalog>({ maxSize: 1_024 });

/** The catalogue as this connection sees it, with its own uncommitted changes and nobody else's. */
export function readCatalog(connection: Connection): Catalog {
  const version = connection.version();
  const known = cache.get(version);
  if (known !== undefined) return known;
  const catalog = load(connection, version);
  cache.set(version, catalog);
  return catalog;
}

function load(connection: Connection, version: number): Catalog {
  const objects = new Map<string, CatalogObject>();
  const schemas: SchemaObject[] = [];
  const principals: PrincipalObject[] = [];
  const permissions: PermissionObject[] = [];
  for (const [text] of connection.all("SELECT definition FROM __catalog ORDER BY rowid", [])) {
    // Only saveObject writes this table.
    const object = JSON.parse(String(text)) as StoredObject;
    if (object.kind === "schema") schemas.push(object);
    else if (object.kind === "principal") principals.push(object);
    else if (object.kind === "permission") permissions.push(object);
    else objects.set(keyOf(object.schema, object.name), object);
  }
  const shape = toShape(objects.values(), schemas);
  return { version, shape, objects, schemas, principals, permissions };
}

type StoredObject = CatalogObject | SchemaObject | PrincipalObject | PermissionObject;

export function saveObject(connection: Connection, object: StoredObject): void {
  const sql =
    "INSERT INTO __catalog VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET definition = excluded.definition";
  connection.run(sql, [object.id, JSON.stringify(object)]);
  connection.setVersion(newVersion());
}

/** And the permissions on it. */
export function removeObject(connection: Connection, id: number): void {
  connection.run("DELETE FROM __catalog WHERE id = ?1 OR definition->>'$.on.id' = ?1", [id]);
  connection.setVersion(newVersion());
}

/** Random, so that two transactions cannot both make "the next" version. */
export function newVersion(): number {
  return randomInt(1, 2 ** 31 - 1);
}

/** object_id: random like SQL Server's, and positive. */
export function newObjectId(): number {
  return randomInt(100_000_000, 2 ** 31 - 1);
}
