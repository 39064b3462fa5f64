import { isRecord } from "../web-server.ts";
import type { DeletedSecret, Secret, SecretProperties, SecretVersion } from "./secrets.ts";

/** Secrets as the REST API writes and reads them. */

const retentionDays = 90;

/** One version; the value only where the operation gives it. */
export function toBundle(origin: string, name: string, version: SecretVersion, withValue: boolean): object {
  return {
    ...(withValue ? { value: version.value } : {}),
    ...toItem(origin, name, version),
    id: `${origin}/secrets/${name}/${version.id}`,
  };
}

/** An entry of a list of secrets: no value, no version in its id. */
export function toItem(origin: string, name: string, version: SecretVersion): object {
  return {
    id: `${origin}/secrets/${name}`,
    contentType: version.contentType,
    tags: version.tags,
    attributes: {
      enabled: true,
      ...version.attributes,
      created: version.created,
      updated: version.updated,
      recoveryLevel: "Recoverable+Purgeable",
      recoverableDays: retentionDays,
    },
  };
}

/** What is added to a secret that is deleted. */
export function toDeletion(origin: string, secret: DeletedSecret): object {
  return {
    recoveryId: `${origin}/deletedsecrets/${secret.name}`,
    deletedDate: secret.deletedAt,
    scheduledPurgeDate: secret.deletedAt + retentionDays * 86_400,
  };
}

export function currentVersion(secret: Secret): SecretVersion {
  const version = secret.versions.at(-1);
  if (!version) throw new Error("a secret has a version as soon as it exists");
  return version;
}

/** Takes from a body what may be said about a version; what it does not know is left out. */
export function parseProperties(body: Readonly<Record<string, unknown>>): SecretProperties {
  const { contentType, tags } = body;
  const attributes = isRecord(body["attributes"]) ? body["attributes"] : {};
  const { enabled, nbf, exp } = attributes;
  const given = {
    ...(typeof enabled === "boolean" ? { enabled } : {}),
    ...(typeof nbf === "number" ? { nbf } : {}),
    ...(typeof exp === "number" ? { exp } : {}),
  };
  return {
    ...(Object.keys(given).length > 0 ? { attributes: given } : {}),
    ...(typeof contentType === "string" ? { contentType } : {}),
    ...(isRecord(tags) ? { tags: tags as Record<string, string> } : {}),
  };
}
