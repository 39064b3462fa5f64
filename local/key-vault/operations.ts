import { jsonBody, jsonResponse, type WebRequest, type WebResponse } from "../web-server.ts";
import { currentVersion, parseProperties, toBundle, toDeletion, toItem } from "./bundles.ts";
import type { DeletedSecret, Secrets, SecretVersion } from "./secrets.ts";

/** One function per operation on secrets. No message ever holds a value. */

interface OperationInput {
  readonly secrets: Secrets;
  readonly request: WebRequest;
  readonly name: string;
  /** Empty = the current one. */
  readonly version: string;
}

export type Operation = (input: OperationInput) => WebResponse;

/** Key Vault's own limit. https://learn.microsoft.com/azure/key-vault/secrets/about-secrets */
const maximumValueBytes = 25_600;
const maximumPage = 25;

export function refuse(status: number, code: string, message: string, inner?: string): WebResponse {
  const innererror = inner === undefined ? {} : { innererror: { code: inner } };
  return jsonResponse(status, { error: { code, message, ...innererror } });
}

export const setSecret: Operation = ({ secrets, request, name }) => {
  if (secrets.getDeleted(name)) {
    const message = `Secret ${name} is currently in a deleted but recoverable state, and its name cannot be reused; in this state, the secret can only be recovered or purged.`;
    return refuse(409, "Conflict", message, "ObjectIsDeletedButRecoverable");
  }
  const body = jsonBody(request);
  const value = body?.["value"];
  if (!body || typeof value !== "string") {
    return refuse(400, "BadParameter", "Property value has invalid value: it is required");
  }
  if (Buffer.byteLength(value) > maximumValueBytes) {
    return refuse(
      400,
      "BadParameter",
      "Property value has invalid value: secret value length cannot exceed 25k bytes",
    );
  }
  const version = secrets.set(name, value, parseProperties(body));
  return jsonResponse(200, toBundle(request.url.origin, name, version, true));
};

export const getSecret: Operation = (input) => {
  const version = findVersion(input);
  if (!version) return secretNotFound(input);
  if (version.attributes?.enabled === false) {
    return refuse(403, "Forbidden", "Operation get is not allowed on a disabled secret.", "SecretDisabled");
  }
  return jsonResponse(200, toBundle(input.request.url.origin, input.name, version, true));
};

export const updateSecret: Operation = (input) => {
  const secret = input.secrets.get(input.name);
  const version = findVersion(input);
  if (!secret || !version) return secretNotFound(input);
  const updated = input.secrets.update(secret, version, parseProperties(jsonBody(input.request) ?? {}));
  return jsonResponse(200, toBundle(input.request.url.origin, input.name, updated, false));
};

export const deleteSecret: Operation = (input) => {
  const deleted = input.secrets.delete(input.name);
  return deleted ? deletedResponse(input, deleted) : secretNotFound(input);
};

export const listSecrets: Operation = ({ secrets, request }) =>
  page(
    request,
    secrets.list().map((each) => toItem(request.url.origin, each.name, currentVersion(each))),
  );

export const listVersions: Operation = ({ secrets, request, name }) => {
  const versions = secrets.get(name)?.versions ?? [];
  return page(
    request,
    versions.map((each) => toBundle(request.url.origin, name, each, false)),
  );
};

export const listDeletedSecrets: Operation = ({ secrets, request: { url }, request }) =>
  page(
    request,
    secrets.listDeleted().map((each) => ({
      ...toItem(url.origin, each.name, currentVersion(each)),
      ...toDeletion(url.origin, each),
    })),
  );

export const getDeletedSecret: Operation = (input) => {
  const deleted = input.secrets.getDeleted(input.name);
  return deleted ? deletedResponse(input, deleted) : deletedNotFound(input);
};

export const recoverSecret: Operation = (input) => {
  const secret = input.secrets.recover(input.name);
  if (!secret) return deletedNotFound(input);
  return jsonResponse(200, toBundle(input.request.url.origin, secret.name, currentVersion(secret), false));
};

export const purgeSecret: Operation = (input) =>
  input.secrets.purge(input.name) ? { status: 204 } : deletedNotFound(input);

function findVersion({ secrets, name, version }: OperationInput): SecretVersion | undefined {
  const versions = secrets.get(name)?.versions;
  return version === "" ? versions?.at(-1) : versions?.find((each) => each.id === version);
}

function deletedResponse({ request: { url } }: OperationInput, deleted: DeletedSecret): WebResponse {
  const bundle = toBundle(url.origin, deleted.name, currentVersion(deleted), false);
  return jsonResponse(200, { ...bundle, ...toDeletion(url.origin, deleted) });
}

function secretNotFound({ name, version }: OperationInput): WebResponse {
  const id = version === "" ? name : `${name}/${version}`;
  const message = `A secret with (name/id) ${id} was not found in this key vault. If you recently deleted this secret you may be able to recover it using the correct recovery command.`;
  return refuse(404, "SecretNotFound", message);
}

const deletedNotFound = ({ name }: OperationInput): WebResponse =>
  refuse(404, "SecretNotFound", `Deleted Secret not found: ${name}`);

function page(request: WebRequest, items: readonly object[]): WebResponse {
  const { searchParams, origin, pathname } = request.url;
  const size = Number(searchParams.get("maxresults") ?? maximumPage);
  if (!Number.isInteger(size) || size < 1 || size > maximumPage) {
    return refuse(400, "BadParameter", `maxresults must be 1 to ${maximumPage}`);
  }
  const start = Number(searchParams.get("$skiptoken") ?? 0);
  const next = new URLSearchParams(searchParams);
  next.set("$skiptoken", String(start + size));
  return jsonResponse(200, {
    value: items.slice(start, start + size),
    nextLink: start + size < items.length ? `${origin}${pathname}?${next.toString()}` : null,
  });
}
