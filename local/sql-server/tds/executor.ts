import { SqlError, type SqlSession } from "../session.ts";
import type { FaultEffect, FaultFacts } from "./faults.ts";
import type { Login } from "./login7.ts";
import { agreeOnPacketSize } from "./login.ts";
import { MessageWriter, type Output } from "./message-writer.ts";
import type { Message } from "./packets.ts";
import { toRequestFacts } from "./request-facts.ts";
import { createRequestRunner, type RequestRunner } from "./request-runner.ts";
import { type ClientRequest, decodeRequest } from "./requests.ts";
import { Response } from "./response.ts";
import type { ServerContext } from "./server-context.ts";
import { Done, DoneStatus, writeDone } from "./tokens.ts";
import { createTransactionDescriptors } from "./transaction-descriptors.ts";
import type { Transport } from "./transport.ts";
import { wait } from "./wait.ts";

/** Answers that a fault keeps from the client go here. */
const nowhere: Output = { write: () => true, drained: () => Promise.resolve() };

interface Running {
  readonly controller: AbortController;
  readonly response: Response;
}

/** Executes a logged-in client's requests, one at a time, and knows how to stop the one that runs. */
export class Executor {
  readonly #context: ServerContext;
  readonly #transport: Transport;
  readonly #session: SqlSession;
  readonly #login: Login;
  readonly #runner: RequestRunner;
  readonly #descriptors = createTransactionDescriptors();
  #running: Running | undefined;
  #attention = false;

  constructor(context: ServerContext, transport: Transport, session: SqlSession, login: Login) {
    this.#context = context;
    this.#transport = transport;
    this.#session = session;
    this.#login = login;
    this.#runner = createRequestRunner(session);
  }

  /** Answers one message, and an attention that came meanwhile. */
  async execute(message: Message): Promise<void> {
    const { counters, faults } = this.#context;
    counters.requested();
    const request = decodeRequest(message);
    const effect = faults.strike(this.#facts(request));
    if (effect?.kind === "cut" && effect.moment === "before") {
      this.#transport.cut();
      return;
    }
    const response = this.#createResponse(effect);
    const controller = new AbortController();
    this.#running = { controller, response };
    if (message.reset) await this.#runner.reset(response);
    await this.#delay(effect, "before", controller.signal);
    await this.#run(request, effect);
    await this.#delay(effect, "after", controller.signal);
    this.#running = undefined;
    this.#answer(response, effect);
  }

  /** The client's attention: it stops what runs, and is acknowledged in a message of its own after that. */
  attention(): void {
    if (this.#running === undefined) {
      this.#acknowledge();
      return;
    }
    this.#attention = true;
    this.#running.response.abandon();
    this.#running.controller.abort();
  }

  /** The client is gone. */
  abort(): void {
    this.#running?.response.abandon();
    this.#running?.controller.abort();
  }

  #facts(request: ClientRequest): FaultFacts {
    const { applicationName } = this.#login;
    return {
      stage: "request",
      database: this.#session.database,
      applicationName,
      ...toRequestFacts(request),
    };
  }

  #createResponse(effect: FaultEffect | undefined): Response {
    const output = effect?.kind === "cut" && effect.moment === "after" ? nowhere : this.#transport;
    const message = new MessageWriter(output, agreeOnPacketSize(this.#login.packetSize));
    return new Response(message, { serverName: this.#context.serverName, descriptors: this.#descriptors });
  }

  async #run(request: ClientRequest, effect: FaultEffect | undefined): Promise<void> {
    if (this.#running === undefined || this.#running.controller.signal.aborted) return;
    const { response, controller } = this.#running;
    if (effect?.kind === "error") {
      await this.#fail(response, effect);
      return;
    }
    const executed = this.#context.counters.executing(this.#session.database);
    const run = this.#runner.run(request, response, controller.signal);
    if (effect?.kind === "cut" && effect.moment === "during") this.#transport.cut();
    await run;
    executed();
  }

  async #fail(response: Response, effect: FaultEffect & { readonly kind: "error" }): Promise<void> {
    if (effect.rollsBack === true && this.#session.transactionCount > 0) {
      await this.#session.rollbackTransaction("");
      response.transactionChanged("rolledBack");
    }
    response.error(new SqlError(effect.message, effect));
  }

  #delay(effect: FaultEffect | undefined, moment: "before" | "after", signal: AbortSignal): Promise<void> {
    if (effect?.kind !== "delay" || effect.moment !== moment) return Promise.resolve();
    return wait(this.#context.clock, effect.milliseconds, signal);
  }

  #answer(response: Response, effect: FaultEffect | undefined): void {
    if (this.#transport.open) {
      response.end();
      if (effect?.kind === "cut") this.#transport.cut();
      else if (response.fatal) this.#transport.end();
    }
    if (this.#attention) this.#acknowledge();
  }

  #acknowledge(): void {
    this.#attention = false;
    if (!this.#transport.open) return;
    const message = new MessageWriter(this.#transport, agreeOnPacketSize(this.#login.packetSize));
    const status = DoneStatus.attention;
    writeDone(message.tokens, { kind: Done.statement, status, rows: undefined, select: false });
    message.end();
  }
}
