import { randomUUID } from "node:crypto";

/** The secrets of one vault: in memory only, so that a value never reaches a disk. Names ignore case. */

interface SecretAttributes {
  readonly enabled?: boolean;
  /** Not before and expiry, seconds since 1970. They inform; the vault gives the value all the same. */
  readonly nbf?: number;
  readonly exp?: number;
}

/** What a caller may say about a version besides its value. */
export interface SecretProperties {
  readonly attributes?: SecretAttributes;
  readonly contentType?: string;
  readonly tags?: Readonly<Record<string, string>>;
}

export interface SecretVersion extends SecretProperties {
  readonly id: string;
  readonly value: string;
  readonly created: number;
  readonly updated: number;
}

export interface Secret {
  /** As first written. */
  readonly name: string;
  /** Oldest first; the last is the current one. */
  readonly versions: readonly SecretVersion[];
}

export interface DeletedSecret extends Secret {
  readonly deletedAt: number;
}

export interface Secrets {
  list(): readonly Secret[];
  get(name: string): Secret | undefined;
  set(name: string, value: string, properties: SecretProperties): SecretVersion;
  /** Changes one version of a secret. */
  update(secret: Secret, version: SecretVersion, properties: SecretProperties): SecretVersion;
  delete(name: string): DeletedSecret | undefined;
  listDeleted(): readonly DeletedSecret[];
  getDeleted(name: string): DeletedSecret | undefined;
  recover(name: string): Secret | undefined;
  purge(name: string): boolean;
}

/** @param now seconds since 1970 */
export function createSecrets(now: () => number): Secrets {
  const secrets = createShelf<Secret>();
  const deleted = createShelf<DeletedSecret>();
  return {
    list: secrets.list,
    get: secrets.get,
    set: (name, value, properties) => {
      const at = now();
      const version = {
        ...properties,
        id: randomUUID().replaceAll("-", ""),
        value,
        created: at,
        updated: at,
      };
      const before = secrets.get(name);
      secrets.put({ name: before?.name ?? name, versions: [...(before?.versions ?? []), version] });
      return version;
    },
    update: (secret, version, properties) => {
      const attributes = { ...version.attributes, ...properties.attributes };
      const updated = { ...version, ...properties, attributes, updated: now() };
      const versions = secret.versions.map((each) => (each.id === version.id ? updated : each));
      secrets.put({ name: secret.name, versions });
      return updated;
    },
    delete: (name) => {
      const secret = secrets.take(name);
      return secret && deleted.put({ ...secret, deletedAt: now() });
    },
    listDeleted: deleted.list,
    getDeleted: deleted.get,
    recover: (name) => {
      const gone = deleted.take(name);
      return gone && secrets.put({ name: gone.name, versions: gone.versions });
    },
    purge: (name) => deleted.take(name) !== undefined,
  };
}

/** Secrets by name, whatever its case; listed in the order of their names. */
function createShelf<Kind extends Secret>(): {
  readonly list: () => readonly Kind[];
  readonly get: (name: string) => Kind | undefined;
  readonly put: (secret: Kind) => Kind;
  readonly take: (name: string) => Kind | undefined;
} {
  const all = new Map<string, Kind>();
  const get = (name: string): Kind | undefined => all.get(name.toLowerCase());
  return {
    list: () => [...all.keys()].sort().flatMap((key) => all.get(key) ?? []),
    get,
    put: (secret) => {
      all.set(secret.name.toLowerCase(), secret);
      return secret;
    },
    take: (name) => {
      const found = get(name);
      all.delete(name.toLowerCase());
      return found;
    },
  };
}
