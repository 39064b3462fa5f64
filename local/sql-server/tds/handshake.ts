import { SqlError, type SqlMessage, type SqlSession } from "../session.ts";
import type { FaultEffect, FaultFacts } from "./faults.ts";
import { decodeFedAuthToken, decodeLogin7, type Login } from "./login7.ts";
import {
  isTooOld,
  logIn,
  writeLoginAccepted,
  writeLoginRefused,
  writeRedirect,
  writeTooOld,
} from "./login.ts";
import { MessageWriter } from "./message-writer.ts";
import { DEFAULT_PACKET_SIZE, type Message, MessageType } from "./packets.ts";
import {
  agreeOnEncryption,
  decodePrelogin,
  Encryption,
  encodePrelogin,
  type EncryptionOutcome,
} from "./prelogin.ts";
import { SERVER_VERSION, type ServerContext } from "./server-context.ts";
import { writeFedAuthInfo } from "./tokens.ts";
import type { Transport } from "./transport.ts";
import { wait } from "./wait.ts";

/** A client that got in. */
export interface LoggedIn {
  readonly session: SqlSession;
  readonly login: Login;
}

type Phase =
  | { readonly name: "prelogin" }
  | { readonly name: "login"; readonly encryption: EncryptionOutcome }
  | { readonly name: "token"; readonly login: Login };

/**
 * A connection's beginning: PRELOGIN, TLS, LOGIN7, and for some Entra logins a token. `handle` takes one message
 * and resolves to the session once there is one. It throws RangeError when a message comes out of turn.
 */
export class Handshake {
  readonly #context: ServerContext;
  readonly #transport: Transport;
  readonly #gone: AbortSignal;
  #phase: Phase = { name: "prelogin" };

  constructor(context: ServerContext, transport: Transport, gone: AbortSignal) {
    this.#context = context;
    this.#transport = transport;
    this.#gone = gone;
  }

  handle(message: Message): Promise<LoggedIn | undefined> {
    switch (this.#phase.name) {
      case "prelogin":
        // TDS 7.0 knows no PRELOGIN.
        if (message.type === MessageType.login && this.#refuseOld(decodeLogin7(message.payload))) {
          return Promise.resolve(undefined);
        }
        this.#agree(expect(message, MessageType.prelogin));
        return Promise.resolve(undefined);
      case "login":
        return this.#readLogin(expect(message, MessageType.login), this.#phase.encryption);
      case "token":
        return this.#logIn(this.#phase.login, decodeFedAuthToken(expect(message, MessageType.fedAuthToken)));
    }
  }

  #agree(payload: Buffer): void {
    const { encryption, secureContexts } = this.#context;
    const client = decodePrelogin(payload).encryption;
    // Inside TLS nothing is left to agree on: clients say anything here (tedious "not supported") and heed no answer.
    // Nobody else gets this far on a strict server.
    const { outcome, reply } =
      this.#transport.encrypted || encryption === "strict"
        ? ({ outcome: "none", reply: Encryption.on } as const)
        : agreeOnEncryption(client, encryption);
    this.#send((writer) => writer.tokens.raw(encodePrelogin(SERVER_VERSION, reply)));
    this.#phase = { name: "login", encryption: outcome };
    if (outcome === "refused") this.#transport.end();
    else if (outcome !== "none" && secureContexts !== undefined) {
      this.#transport.startTls(secureContexts.inPackets, "inPackets");
    }
  }

  async #readLogin(payload: Buffer, encryption: EncryptionOutcome): Promise<LoggedIn | undefined> {
    const login = decodeLogin7(payload);
    if (encryption === "login") this.#transport.stopTls();
    if (this.#refuseOld(login)) return undefined;
    if (login.fedAuth?.kind !== "workflow") return this.#logIn(login, login.fedAuth?.token);
    const { stsUrl, spn } = this.#context.tokenIssuer;
    this.#send((writer) => {
      writeFedAuthInfo(writer.tokens, stsUrl, spn);
    });
    this.#phase = { name: "token", login };
    return undefined;
  }

  #refuseOld(login: Login): boolean {
    if (!isTooOld(login)) return false;
    this.#context.counters.loginFailed();
    this.#send((writer) => {
      writeTooOld(writer.tokens, this.#context, login);
    });
    this.#transport.end();
    return true;
  }

  async #logIn(login: Login, accessToken: string | undefined): Promise<LoggedIn | undefined> {
    const { faults, counters, redirectTo } = this.#context;
    const refusal = await this.#suffer(faults.strike(toFacts(login)));
    if (this.#gone.aborted || !this.#transport.open) return undefined;
    if (redirectTo !== undefined) {
      this.#send((writer) => {
        writeRedirect(writer.tokens, login, redirectTo);
      });
      this.#transport.end();
      return undefined;
    }
    const outcome =
      refusal === undefined
        ? await logIn(this.#context, login, accessToken)
        : { kind: "refused" as const, messages: [refusal] };
    if (outcome.kind === "refused") {
      counters.loginFailed();
      this.#refuse(outcome.messages);
      return undefined;
    }
    counters.loggedIn(this.#transport);
    this.#send((writer) => {
      writeLoginAccepted(writer.tokens, this.#context, login, outcome.session);
    });
    return { session: outcome.session, login };
  }

  /** Lets a fault strike the login: an error to answer, or nothing; a cut closes the transport. */
  async #suffer(effect: FaultEffect | undefined): Promise<SqlMessage | undefined> {
    if (effect?.kind === "cut") this.#transport.cut();
    if (effect?.kind === "delay") await wait(this.#context.clock, effect.milliseconds, this.#gone);
    return effect?.kind === "error" ? new SqlError(effect.message, effect) : undefined;
  }

  #refuse(messages: readonly SqlMessage[]): void {
    this.#send((writer) => {
      writeLoginRefused(writer.tokens, this.#context, messages);
    });
    this.#transport.end();
  }

  #send(write: (writer: MessageWriter) => unknown): void {
    const writer = new MessageWriter(this.#transport, DEFAULT_PACKET_SIZE);
    write(writer);
    writer.end();
  }
}

function expect({ type, payload }: Message, expected: number): Buffer {
  if (type !== expected) throw new RangeError(`A message of type ${type} came where ${expected} was due.`);
  return payload;
}

function toFacts({ database, applicationName }: Login): FaultFacts {
  return { stage: "login", database, applicationName, request: "", text: "" };
}
