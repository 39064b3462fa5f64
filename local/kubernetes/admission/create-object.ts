import { randomInt, randomUUID } from "node:crypto";
import { isRecord } from "../../web-server.ts";
import { type Cluster, now } from "../cluster.ts";
import { invalid, KubernetesError } from "../errors.ts";
import { type Json, type KubeObject, toTime } from "../objects.ts";
import { apiVersionOf, namespaces, type Resource } from "../resources.ts";
import { notFound } from "../store.ts";
import { admit } from "./admit.ts";

/** RFC 1123 subdomain, as most names must be. */
const namePattern = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

/**
 * A new object as it is to be stored: named, with the server's metadata and defaults.
 * @throws KubernetesError Invalid, NotFound (its namespace), Forbidden
 */
export function createObject(
  cluster: Cluster,
  resource: Resource,
  given: Json,
  namespace: string | undefined,
): KubeObject {
  const metadata = isRecord(given["metadata"]) ? given["metadata"] : {};
  const name = toName(resource, metadata);
  if (namespace !== undefined) checkNamespace(cluster, namespace, name);
  const { status: _ignored, ...fields } = given;
  const object: KubeObject = {
    ...(resource.hasStatus ? fields : given),
    apiVersion: apiVersionOf(resource),
    kind: resource.kind,
    metadata: {
      ...metadata,
      ...{ name, uid: randomUUID(), resourceVersion: "" },
      ...(namespace !== undefined && { namespace }),
      ...("spec" in given && resource.hasStatus && { generation: 1 }),
      creationTimestamp: toTime(now(cluster)),
    },
  };
  return admit(cluster, resource, object);
}

function toName(resource: Resource, { name, generateName }: Json): string {
  if (typeof name === "string" && name !== "") return checkName(resource, name);
  if (typeof generateName === "string" && generateName !== "") {
    return checkName(resource, generateName + randomSuffix());
  }
  throw invalid(resource, "", [
    {
      reason: "FieldValueRequired",
      message: "Required value: name or generateName is required",
      field: "metadata.name",
    },
  ]);
}

function checkName(resource: Resource, name: string): string {
  if (name.length <= 253 && namePattern.test(name)) return name;
  throw invalid(resource, name, [
    {
      reason: "FieldValueInvalid",
      message: `Invalid value: "${name}": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character`,
      field: "metadata.name",
    },
  ]);
}

/** Without vowels and what looks like them: no words by accident. */
const letters = "bcdfghjklmnpqrstvwxz2456789";

export const randomSuffix = (): string =>
  Array.from({ length: 5 }, () => letters[randomInt(letters.length)]).join("");

function checkNamespace({ store }: Cluster, namespace: string, name: string): void {
  const found = store.get(namespaces, undefined, namespace);
  if (!found) throw notFound(namespaces, namespace);
  if (found.metadata.deletionTimestamp === undefined) return;
  throw new KubernetesError(
    "Forbidden",
    `"${name}" is forbidden: unable to create new content in namespace ${namespace} because it is being terminated`,
  );
}
