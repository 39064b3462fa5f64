import { once } from "node:events";
import { isIP, type Socket } from "node:net";
import type { Duplex, Writable } from "node:stream";
import { connect as connectTls, type TLSSocket } from "node:tls";
import { Connection, type ConnectionConfiguration } from "tedious";
import { createPacketCarrier } from "./packet-carrier.ts";
import type { TlsPeer, TlsSessions } from "./tls-sessions.ts";

type MessageIo = Connection["messageIo"];
type PreloginAnswer = Parameters<Connection["performTlsNegotiation"]>[0];

/** tedious declares it as its own, and what comes out of TLS has nowhere else to go. */
interface Incoming {
  readonly incomingMessageStream: Writable;
}

/** TDS 8.0's name (MS-TDS 1.9; registered with IANA). */
const strictProtocol = "tds/8.0";

/** The largest TLS record (RFC 5246, 6.2.1); Node does nothing about larger ones. */
const maxFragment = 16_384;

/**
 * A connection that resumes the TLS session of an earlier one to the same server, as Microsoft.Data.SqlClient does. tedious 20.3.9
 * makes a full handshake each time; the two functions that do are replaced here, and what it checks before and after them
 * stays its own.
 */
export class ResumingConnection extends Connection {
  readonly #sessions: TlsSessions;
  #offeredTo: TlsPeer | undefined;

  constructor(configuration: ConnectionConfiguration, sessions: TlsSessions) {
    super(configuration);
    this.#sessions = sessions;
  }

  /** Whom an earlier session was offered to. */
  get offeredTo(): TlsPeer | undefined {
    return this.#offeredTo;
  }

  /** TDS 8.0: TLS from the first byte. */
  override async wrapWithTls(socket: Socket, signal: AbortSignal): Promise<TLSSocket> {
    const secure = await this.#secure(socket, this.#toPeer(socket, "strict"), signal);
    secure.setMaxSendFragment(Math.min(this.config.options.packetSize, maxFragment));
    return secure;
  }

  /** TDS 7.4: TLS once PRELOGIN agreed on it. */
  override performTlsNegotiation(answer: PreloginAnswer, signal: AbortSignal): Promise<void> {
    const { messageIo } = this;
    messageIo.startTls = () => this.#startTls(messageIo, signal);
    return super.performTlsNegotiation(answer, signal);
  }

  async #startTls(messageIo: MessageIo, signal: AbortSignal): Promise<void> {
    const { socket, outgoingMessageStream: outgoing } = messageIo;
    const { incomingMessageStream: incoming } = messageIo as unknown as Incoming;
    outgoing.unpipe(socket);
    socket.unpipe(incoming);
    const carrier = createPacketCarrier(socket);
    const secure = await this.#secure(carrier, this.#toPeer(socket, "mandatory"), signal);
    secure.once("error", (error: Error) => socket.destroy(error));
    messageIo.securePair = { cleartext: secure, encrypted: carrier };
    // Also makes TLS records no larger than packets.
    messageIo.packetSize(outgoing.packetSize);
    secure.pipe(incoming);
    outgoing.pipe(secure);
    messageIo.tlsNegotiationComplete = true;
  }

  /** @throws Error when TLS fails, or the signal's reason */
  async #secure(carrier: Duplex, peer: TlsPeer, signal: AbortSignal): Promise<TLSSocket> {
    signal.throwIfAborted();
    const session = this.#sessions.find(peer);
    if (session !== undefined) this.#offeredTo = peer;
    const secure = connectTls({
      socket: carrier,
      // The name on the certificate. An address is no valid SNI (RFC 6066, 3).
      host: peer.host,
      servername: isIP(peer.host) === 0 ? peer.host : "",
      rejectUnauthorized: !peer.trustServerCertificate,
      secureContext: this.#sessions.contextOf(peer),
      ...(peer.encrypt === "strict" && { ALPNProtocols: [strictProtocol] }),
      ...(session !== undefined && { session }),
    });
    // Unheard, an error after the handshake would end the process; what it means for a request, the socket tells.
    secure.on("error", () => undefined);
    // Node tells of a session once the certificate has passed, and not before.
    secure.on("session", (made: Buffer) => {
      if (!secure.isSessionReused()) this.#sessions.keep(peer, made);
    });
    try {
      await once(secure, "secureConnect", { signal });
    } catch (error) {
      secure.destroy();
      signal.throwIfAborted();
      throw error;
    }
    return secure;
  }

  #toPeer({ remoteAddress = "", remotePort = 0 }: Socket, encrypt: TlsPeer["encrypt"]): TlsPeer {
    return {
      encrypt,
      // Azure SQL sends clients inside Azure on to the node of their database, whose certificate has a name of its own.
      host: this.routingData?.server ?? this.config.server,
      endpoint: `${remoteAddress}:${remotePort}`,
      // Strict always validates.
      trustServerCertificate: encrypt === "mandatory" && this.config.options.trustServerCertificate,
    };
  }
}
