import type { TokenCredential } from "@azure/core-auth";
import type { Secrets } from "./services.ts";

/** How services are opened: by the process's identity where settings name them, else with secrets of the vault. */
export interface Access {
  readonly credential: TokenCredential;
  readonly secrets: Pick<Secrets, "read">;
}

/** The storage account, and where it is. */
export interface StorageAddress {
  /** Opened by identity; absent: the account of the secrets StorageAccountName and StorageAccountKey. */
  readonly account?: string | undefined;
  /** Absent: the account's own in the public cloud. */
  readonly url?: string | undefined;
}

/** A messaging namespace: a connection string with a key, or a host name and an identity. */
export type Namespace = string | { readonly host: string; readonly credential: TokenCredential };
