import QuickLru from "quick-lru";
import { createSecureContext, type SecureContext } from "node:tls";

/** Whom a TLS session was made with, and what was checked then. */
export interface TlsPeer {
  readonly encrypt: "mandatory" | "strict";
  /** The name the certificate is for. */
  readonly host: string;
  /** Address and port of the socket: servers behind one name do not know each other's sessions. */
  readonly endpoint: string;
  readonly trustServerCertificate: boolean;
}

/** Servers whose sessions are kept; beyond, those seen longest ago make a full handshake again. */
const maxPeers = 1_000;
/** Milliseconds. However often a session is resumed, its server's certificate is looked at again after that. */
const maxAge = 600_000;

/**
 * The TLS sessions of one worker, in memory. A fleet's databases are on few servers: all connections to one but the first
 * are spared a round trip, the certificate, and on either side the key exchange.
 */
export class TlsSessions {
  readonly #contexts = new Map<TlsPeer["encrypt"], SecureContext>();
  readonly #sessions = new QuickLru<string, Buffer>({ maxSize: maxPeers, maxAge });
  readonly #unresumable = new QuickLru<string, true>({ maxSize: maxPeers, maxAge });

  /** Made once: it holds nothing of a connection, and making it takes a tenth of a millisecond. */
  contextOf({ encrypt }: TlsPeer): SecureContext {
    const made = this.#contexts.get(encrypt);
    if (made !== undefined) return made;
    // SQL Server speaks TLS 1.3 with TDS 8.0 only (learn.microsoft.com, "TLS 1.3 support").
    const context = createSecureContext(encrypt === "strict" ? {} : { maxVersion: "TLSv1.2" });
    this.#contexts.set(encrypt, context);
    return context;
  }

  find(peer: TlsPeer): Buffer | undefined {
    return this.#sessions.get(toKey(peer));
  }

  /** Only after a full handshake whose certificate has passed: who resumes does not look at it again. */
  keep(peer: TlsPeer, session: Buffer): void {
    const key = toKey(peer);
    if (!this.#unresumable.has(key)) this.#sessions.set(key, session);
  }

  /** A resumed connection came to nothing: for a while the peer gets full handshakes. */
  giveUp(peer: TlsPeer): void {
    this.#sessions.delete(toKey(peer));
    this.#unresumable.set(toKey(peer), true);
  }
}

function toKey({ encrypt, host, endpoint, trustServerCertificate }: TlsPeer): string {
  return [encrypt, host.toLowerCase(), endpoint, trustServerCertificate].join(" ");
}
