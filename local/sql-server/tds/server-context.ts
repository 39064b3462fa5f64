import type { SecureContext } from "node:tls";
import type { Clock } from "../../part.ts";
import type { SqlEngine } from "../session.ts";
import type { CountersRecorder } from "./counters.ts";
import type { Faults } from "./faults.ts";

/** What all connections of one server share. */
export interface ServerContext {
  readonly engine: SqlEngine;
  /** @@SERVERNAME, and the server in each message. */
  readonly serverName: string;
  readonly encryption: EncryptionSetting;
  readonly secureContexts: SecureContexts | undefined;
  readonly tokenIssuer: TokenIssuer;
  readonly redirectTo: Address | undefined;
  readonly faults: Faults;
  readonly counters: CountersRecorder;
  readonly clock: Clock;
}

/**
 * What the server asks of its clients. "optional" follows the client, "required" turns plain ones away, "strict" (Force
 * Strict Encryption of SQL Server 2022) all that do not begin with TLS. With a certificate each takes TDS 8.0, too.
 */
export type EncryptionSetting = "off" | "optional" | "required" | "strict";

/** TLS inside packets is TLS 1.2 at most: with 1.3 the handshake has no end that both sides see. */
export interface SecureContexts {
  readonly inPackets: SecureContext;
  readonly strict: SecureContext;
}

/** Where a client that brings no Entra token is told to get one. */
export interface TokenIssuer {
  readonly stsUrl: string;
  readonly spn: string;
}

export interface Address {
  readonly server: string;
  readonly port: number;
}

/** SQL Server 2022 (16.0.4131), as PRELOGIN wants it; LOGINACK takes the first four bytes. */
export const SERVER_VERSION = Uint8Array.of(16, 0, 0x10, 0x23, 0, 0);
