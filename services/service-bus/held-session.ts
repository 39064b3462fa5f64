import type { ServiceBusReceivedMessage, ServiceBusSessionReceiver } from "@azure/service-bus";
import { handleMessage } from "./handle-message.ts";
import { type HeldLock, holdLock } from "./receive-lock.ts";
import { type SessionDeliveries, countDeliveries } from "./session-deliveries.ts";
import type { TargetHandlers } from "./target-receiver.ts";

interface Options {
  /** Targets at once. */
  readonly perSession: number;
  readonly handlers: TargetHandlers;
  /** The demand fell, or it is over: somebody else may have the session. */
  readonly onRelief: (session: HeldSession) => void;
}

/** Milliseconds without a message after which a session has run dry, where looking ahead did not say so before. */
const dryAfter = 2_000;

/** A session this worker has to itself, until it has run dry, its lock is lost, or it is told to stop. */
export class HeldSession {
  readonly #receiver: ServiceBusSessionReceiver;
  readonly #options: Options;
  readonly #lock: HeldLock;
  readonly #deliveries: SessionDeliveries;
  readonly #subscription: { close(): Promise<void> };
  /** Targets that take a slot. */
  #inHand = 0;
  /** Targets that are through and still to be reported: until then nobody else may have the session. */
  #unsettled = 0;
  #isDry = false;
  #newest: ServiceBusReceivedMessage | undefined;
  #quiet: NodeJS.Timeout | undefined;
  #ending: Promise<void> | undefined;

  constructor(receiver: ServiceBusSessionReceiver, options: Options) {
    this.#receiver = receiver;
    this.#options = options;
    this.#deliveries = countDeliveries(receiver);
    this.#lock = holdLock(receiver.sessionLockedUntilUtc, () => receiver.renewSessionLock());
    // Whoever gets the session next must be alone with it.
    this.#lock.lost.addEventListener("abort", () => void this.#end());
    this.#subscription = this.#receive();
    this.#awaitMessage();
  }

  /** Slots it takes: all it may have while there are messages, only those in use once it ran dry. */
  get demand(): number {
    if (this.#ending) return 0;
    return this.#isDry ? this.#inHand : this.#options.perSession;
  }

  get isOver(): boolean {
    return this.#ending !== undefined;
  }

  /** Takes nothing new; lets go of the session when what is in hand has ended. */
  async stop(): Promise<void> {
    if (this.#ending) return;
    clearTimeout(this.#quiet);
    this.#runDry();
    if (!this.isOver) await this.#subscription.close();
  }

  /** Lets go of it now; what is in hand is lost. */
  async close(): Promise<void> {
    this.#lock.lose();
    await this.#end();
  }

  #receive(): { close(): Promise<void> } {
    return this.#receiver.subscribe(
      {
        processMessage: (message) => this.#process(message),
        processError: ({ error }) => {
          // The SDK does not open a session's link again.
          if (!this.#ending) this.#options.handlers.disturbed(error);
          this.#lock.lose();
          return Promise.resolve();
        },
      },
      { autoCompleteMessages: false, maxConcurrentCalls: this.#options.perSession },
    );
  }

  async #process(message: ServiceBusReceivedMessage): Promise<void> {
    this.#inHand += 1;
    this.#isDry = false;
    this.#newest = message;
    this.#awaitMessage();
    void this.#lookAhead(message);
    const { done } = await handleMessage({
      receiver: this.#receiver,
      message,
      lock: this.#lock,
      handlers: this.#options.handlers,
      deliveries: this.#deliveries,
    });
    this.#inHand -= 1;
    this.#unsettled += 1;
    this.#goOn();
    void done.finally(() => {
      this.#unsettled -= 1;
      this.#goOn();
    });
  }

  #goOn(): void {
    if (this.#isDry) this.#runDry();
    else this.#awaitMessage();
  }

  /** The session's last message is known by the time it is worked off: nobody waits whether another one comes. */
  async #lookAhead(message: ServiceBusReceivedMessage): Promise<void> {
    if (!message.sequenceNumber) return;
    const after = { fromSequenceNumber: message.sequenceNumber.add(1) };
    const next = await this.#receiver.peekMessages(1, after).catch(() => undefined);
    if (next?.length === 0 && this.#newest === message) this.#runDry();
  }

  #awaitMessage(): void {
    clearTimeout(this.#quiet);
    if (this.#ending || this.#inHand === this.#options.perSession) return;
    this.#quiet = setTimeout(() => {
      this.#runDry();
    }, dryAfter);
  }

  #runDry(): void {
    this.#isDry = true;
    if (this.#inHand + this.#unsettled === 0) void this.#end();
    else this.#options.onRelief(this);
  }

  #end(): Promise<void> {
    this.#ending ??= this.#letGo();
    return this.#ending;
  }

  async #letGo(): Promise<void> {
    clearTimeout(this.#quiet);
    this.#lock.release();
    await this.#receiver.close().catch(() => undefined);
    this.#options.onRelief(this);
  }
}
