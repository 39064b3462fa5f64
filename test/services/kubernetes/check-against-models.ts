import * as models from "@kubernetes/client-node";

/**
 * Checks a manifest against the models of the client, which are generated from the published OpenAPI description
 * of Kubernetes: every field there by that name, and of that type.
 * @returns what is wrong, by path.
 */
export function findModelErrors(manifest: unknown, type: string, path = ""): readonly string[] {
  if (manifest === undefined) return [];
  const list = /^Array<(.+)>$/.exec(type)?.[1];
  if (list !== undefined) {
    if (!Array.isArray(manifest)) return [`${path} is no list`];
    return manifest.flatMap((item: unknown, index) => findModelErrors(item, list, `${path}[${index}]`));
  }
  const map = /^\{ \[key: string\]: (.+); \}$/.exec(type)?.[1];
  if (map !== undefined) {
    return Object.entries(manifest as object).flatMap(([name, value]) =>
      findModelErrors(value, map, `${path}.${name}`),
    );
  }
  if (plainTypes.includes(type)) return typeof manifest === type ? [] : [`${path} is no ${type}`];
  return findFieldErrors(manifest as object, type, path);
}

const plainTypes = ["string", "number", "boolean"];

interface Model {
  getAttributeTypeMap(): readonly { readonly baseName: string; readonly type: string }[];
}

function findFieldErrors(manifest: object, type: string, path: string): readonly string[] {
  const model = (models as unknown as Readonly<Record<string, Model | undefined>>)[type];
  if (!model) return type === "IntOrString" || type === "any" ? [] : [`${path}: no model ${type}`];
  const types = new Map(model.getAttributeTypeMap().map((field) => [field.baseName, field.type]));
  return Object.entries(manifest).flatMap(([name, value]: [string, unknown]) => {
    const field = types.get(name);
    return field === undefined
      ? [`${path}.${name} is no field of ${type}`]
      : findModelErrors(value, field, `${path}.${name}`);
  });
}
