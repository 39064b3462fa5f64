import type { MessageAddress, TargetMessage } from "../../model/messages.ts";

/** One message, locked for this worker until it is completed or abandoned. */
export interface TargetDelivery {
  readonly message: TargetMessage;
  /** How often the message was handed out, from 1. */
  readonly delivery: number;
  /** Aborts when the lock is lost: another worker may have the target by now. */
  readonly lost: AbortSignal;
  /** The same, by the clock: to be asked before what cannot be taken back. */
  readonly isLost: () => boolean;
  /**
   * The same, by asking the service, which may end a lock before its time (a failover). Never rejects; false also
   * aborts `lost`.
   */
  readonly confirm: () => Promise<boolean>;
  /** The message is done with. @throws when it is not ours any more; it then comes again, to whoever takes it */
  readonly complete: () => Promise<void>;
  /** Back into the subscription, for whoever takes it next. Never throws: without it the lock runs out. */
  readonly abandon: () => Promise<void>;
  /** The same for a target that was not begun, which the message then tells. */
  readonly giveBack: () => Promise<void>;
}

export interface PoisonMessage {
  readonly messageId: string;
  /** What is wrong with its body. */
  readonly reason: string;
  readonly delivery: number;
  /** Absent: not even this can be read. */
  readonly address?: MessageAddress | undefined;
}

/** What is still to be done with a message when its slot is free again: telling how it ended, and settling it. */
export interface Rest {
  /** Never rejects. */
  readonly done: Promise<unknown>;
}

export interface TargetHandlers {
  /**
   * Works on one target. The slot is free again when it resolves; the lock is held until the rest is done too. It must
   * not reject.
   */
  target(delivery: TargetDelivery): Promise<Rest>;
  /** A message cannot be read; when this resolves it goes into the dead-letter queue. It must not reject. */
  poison(message: PoisonMessage): Promise<void>;
  /** Receiving was disturbed; it goes on by itself. */
  disturbed(error: unknown): void;
  /** The subscription is gone: the run is over. */
  gone(): void;
}

/** A worker's end of the run's subscription. */
export interface TargetReceiver {
  /** Takes up to `slots` messages at once; a slot that becomes free takes the next at once. */
  start(slots: number, handlers: TargetHandlers): void;
  /** Takes nothing new. What is in hand can still be completed. */
  stop(): Promise<void>;
  /** Lets go of the connection. */
  close(): Promise<void>;
}
