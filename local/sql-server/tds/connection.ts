import type { Socket } from "node:net";
import { Executor } from "./executor.ts";
import { Handshake, type LoggedIn } from "./handshake.ts";
import { createMessageReader, type Message, MessageType } from "./packets.ts";
import type { ServerContext } from "./server-context.ts";
import { Transport } from "./transport.ts";

/** First byte of a ClientHello: a client that encrypts before it speaks TDS (TDS 8.0; MS-TDS 3.3.5.1). */
const TLS_HANDSHAKE = 0x16;

/** Why waiting ends. The DOMException that is made without a reason costs more than some requests. */
const GONE = "The client is gone.";

interface Ready extends LoggedIn {
  readonly executor: Executor;
}

/** One client, from its first byte to its last. Messages are answered in turn; an attention overtakes them. */
export class Connection {
  readonly #context: ServerContext;
  readonly #transport: Transport;
  readonly #handshake: Handshake;
  readonly #gone = new AbortController();
  readonly #queue: Message[] = [];
  readonly #readMessages: (bytes: Buffer) => void;
  #ready: Ready | undefined;
  #working: Promise<void> | undefined;
  #silent = true;

  /** Resolves when the client is gone and its session is closed. */
  readonly closed: Promise<void>;

  constructor(context: ServerContext, socket: Socket) {
    this.#context = context;
    this.#transport = new Transport(socket, (bytes) => {
      this.#read(bytes);
    });
    this.#handshake = new Handshake(context, this.#transport, this.#gone.signal);
    this.#readMessages = createMessageReader((message) => {
      this.#receive(message);
    });
    this.closed = new Promise((resolve, reject) => {
      this.#transport.onClose(() => {
        this.#close().then(resolve, reject);
      });
    });
  }

  cut(): void {
    this.#transport.cut();
  }

  #read(bytes: Buffer): void {
    const first = this.#silent;
    this.#silent = false;
    if (first && this.#beginsOtherwise(bytes)) return;
    try {
      this.#readMessages(bytes);
    } catch {
      // No client that speaks TDS sends such bytes, and nothing that follows can be understood.
      this.cut();
    }
  }

  /** Says whether the first bytes have been dealt with: they are TLS, or what a strict server does not listen to. */
  #beginsOtherwise(bytes: Buffer): boolean {
    const { secureContexts, encryption } = this.#context;
    if (secureContexts !== undefined && bytes[0] === TLS_HANDSHAKE) {
      this.#transport.startTls(secureContexts.strict, "strict", bytes);
      return true;
    }
    if (encryption !== "strict") return false;
    // SQL Server logs 17819 ("configured to accept only strict (TDS 8.0 and above) connections. The connection has been
    // closed."); its client is answered nothing and sees a reset (dotnet/SqlClient issue 2243).
    this.cut();
    return true;
  }

  #receive(message: Message): void {
    if (message.type === MessageType.attention) {
      this.#ready?.executor.attention();
      return;
    }
    this.#queue.push(message);
    this.#working ??= this.#work();
  }

  async #work(): Promise<void> {
    for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) {
      if (!this.#transport.open) break;
      try {
        await this.#handle(next);
      } catch {
        this.cut();
      }
    }
    this.#working = undefined;
  }

  async #handle(message: Message): Promise<void> {
    if (this.#ready !== undefined) {
      await this.#ready.executor.execute(message);
      return;
    }
    const loggedIn = await this.#handshake.handle(message);
    if (loggedIn === undefined) return;
    const { session, login } = loggedIn;
    this.#ready = { session, login, executor: new Executor(this.#context, this.#transport, session, login) };
  }

  async #close(): Promise<void> {
    this.#gone.abort(GONE);
    this.#ready?.executor.abort();
    await this.#working;
    await this.#ready?.session.close();
  }
}
