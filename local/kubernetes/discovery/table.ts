import type { KubeObject } from "../objects.ts";
import type { Resource } from "../resources.ts";
import { columnsOf } from "./columns.ts";

/** Lists as `kubectl get` prints them: it asks for `application/json;as=Table`. */

export const wantsTable = (accept: string): boolean => accept.split(",")[0]?.includes("as=Table") ?? false;

/** @param listMetadata of the list, absent for a single object. */
export function toTable(
  resource: Resource,
  objects: readonly KubeObject[],
  now: number,
  listMetadata: object = {},
): object {
  const columns = columnsOf(resource);
  return {
    kind: "Table",
    apiVersion: "meta.k8s.io/v1",
    metadata: listMetadata,
    columnDefinitions: columns.map(({ name, isWide }) => ({
      ...{ name, type: "string", description: "", priority: isWide === true ? 1 : 0 },
      format: name === "Name" ? "name" : "",
    })),
    rows: objects.map((object) => ({
      cells: columns.map(({ value }) => value(object, now)),
      object: { kind: "PartialObjectMetadata", apiVersion: "meta.k8s.io/v1", metadata: object.metadata },
    })),
  };
}
