import { createHash } from "node:crypto";
import QuickLRU from "quick-lru";
import type { CatalogObject, SchemaObject, Shape } from "./model.ts";

const known = new QuickLRU<string, Shape>({ maxSize: 256 });

export function toShape(objects: Iterable<CatalogObject>, schemas: readonly SchemaObject[]): Shape {
  const facts = [[...objects].map(toFacts).sort(), schemas.map(({ name }) => name).sort()];
  const hash = createHash("sha1").update(JSON.stringify(facts)).digest("base64");
  const shape = known.get(hash) ?? { hash };
  known.set(hash, shape);
  return shape;
}

function toFacts(object: CatalogObject): string {
  const { kind, schema, name } = object;
  const columns =
    object.kind === "table"
      ? object.columns.map(({ name: column, type, typeName, nullable, identity }) => [
          ...[column, type, typeName, nullable],
          identity !== undefined,
        ])
      : object.definition;
  return JSON.stringify([kind, schema, name, columns]);
}
