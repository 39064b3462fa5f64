import type { ObjectName } from "../syntax/expression.ts";
import { keyOf, type Catalog, type CatalogObject } from "./model.ts";

/** A database's catalogue, and before it the session's own temporary tables (`#t`, `@t`). */
export interface CatalogView {
  readonly database: string;
  readonly catalog: Catalog;
  readonly temporary: ReadonlyMap<string, CatalogObject>;
}

export function isTemporary(name: string): boolean {
  return name.startsWith("#") || name.startsWith("@");
}

/** The default schema is dbo. */
export function findObject(view: CatalogView, name: ObjectName): CatalogObject | undefined {
  if (isTemporary(name.name)) return view.temporary.get(name.name.toLowerCase());
  return view.catalog.objects.get(keyOf(name.schema === "" ? "dbo" : name.schema, name.name));
}

/** `T`, `dbo.T`, `db.dbo.T`, as the statement wrote it. */
export function writtenName(name: ObjectName): string {
  if (name.database !== "") return `${name.database}.${name.schema}.${name.name}`;
  return name.schema === "" ? name.name : `${name.schema}.${name.name}`;
}

/** For OBJECT_ID and its like: `[dbo].[T]` as text, brackets and quotes removed. */
export function parseWrittenName(text: string): ObjectName {
  const parts = /[["]/.test(text) ? splitQuoted(text) : text.split(".").map((part) => part.trim());
  const [name = "", schema = "", database = ""] = parts.reverse();
  return { database, schema, name, line: 0 };
}

function splitQuoted(text: string): string[] {
  return [...text.matchAll(/\[((?:[^\]]|\]\])*)\]|"([^"]*)"|([^.[\]"]+)|(?<=\.)(?=\.)/g)].map((found) =>
    (found[1]?.replaceAll("]]", "]") ?? found[2] ?? found[3] ?? "").trim(),
  );
}
