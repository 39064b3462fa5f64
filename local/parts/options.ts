import type { DatabasesOptions } from "../sql-server/databases.ts";
import type { StorageFront } from "../storage/front/front.ts";
import type { WebFault } from "../web-server.ts";

/** Trouble put in front of parts that cannot be told to make it themselves. */
export interface Trouble {
  readonly keyVault: WebFault;
  readonly storageFront: StorageFront;
}

export interface PartsOptions extends Omit<DatabasesOptions, "tls" | "tokens"> {
  /** Root of the app: host.json, functions/, worker/. */
  readonly root: string;
  /** Everything the stack writes. */
  readonly folder: string;
  readonly trouble?: Trouble;
  /** No key and no connection string is used anywhere: every service is opened by identity. */
  readonly identityOnly?: boolean;
  /** Nodes prove who they are with it instead of their managed identity. */
  readonly workerCertificate?: WorkerCertificate;
}

/** A certificate of the workers' identity, laid out as Batch does. */
export interface WorkerCertificate {
  /** Holds `sha1-{thumbprint}.pfx` and `.pfx.pw`. */
  readonly folder: string;
  readonly thumbprint: string;
  /** PEM, registered with the identity. */
  readonly crt: string;
}

/** PEM: what every server of the stack shows. */
export interface Tls {
  readonly key: string;
  readonly cert: string;
}
