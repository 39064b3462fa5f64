import {
  RetryMode,
  ServiceBusClient,
  type ServiceBusReceivedMessage,
  type ServiceBusReceiver,
  isServiceBusError,
} from "@azure/service-bus";
import { type RunId, toSubscriptionName } from "../../model/ids.ts";
import { TargetMessage } from "../../model/messages.ts";
import { holdLock } from "./receive-lock.ts";

/** One message, locked for this worker until it is completed or abandoned. */
export interface TargetDelivery {
  readonly message: TargetMessage;
  /** How often the message was handed out, from 1. */
  readonly delivery: number;
  /** Aborts when the lock is lost: another worker may have the target by now. */
  readonly lost: AbortSignal;
  /** The same, by the clock: to be asked before what cannot be taken back. */
  readonly isLost: () => boolean;
  /** The message is done with. @throws when it is not ours any more; it then comes again, to whoever takes it */
  readonly complete: () => Promise<void>;
  /** Back into the subscription, for whoever takes it next. Never throws: without it the lock runs out. */
  readonly abandon: () => Promise<void>;
}

export interface TargetHandlers {
  /** Works on one target. The slot is free again when it resolves; it must not reject. */
  target(delivery: TargetDelivery): Promise<void>;
  /** A message that could not be read was put into the dead-letter queue. */
  poison(messageId: string, reason: string): void;
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

/**
 * Shorter than the SDK's (60 s per try, 30 s between): a settlement whose link was cut waits for an answer that never
 * comes, and the slot with it. The second try goes over another link.
 */
const retryOptions = {
  timeoutInMs: 10_000,
  maxRetries: 3,
  retryDelayInMs: 500,
  maxRetryDelayInMs: 5_000,
  mode: RetryMode.Exponential,
};

/** @param connectionString of the topic's namespace or of the topic itself */
export function createTargetReceiver(connectionString: string, topic: string, runId: RunId): TargetReceiver {
  const client = new ServiceBusClient(connectionString, { retryOptions });
  const receiver = client.createReceiver(topic, toSubscriptionName(runId), {
    receiveMode: "peekLock",
    // Renewing is ours, see receive-lock.ts.
    maxAutoLockRenewalDurationInMs: 0,
  });
  let subscription: { close(): Promise<void> } | undefined;
  return {
    start: (slots, handlers) => {
      subscription = receiver.subscribe(
        {
          processMessage: (message) => handle(receiver, message, handlers),
          processError: ({ error }) => {
            if (isServiceBusError(error) && error.code === "MessagingEntityNotFound") handlers.gone();
            else handlers.disturbed(error);
            return Promise.resolve();
          },
        },
        { autoCompleteMessages: false, maxConcurrentCalls: slots },
      );
    },
    stop: async () => {
      await subscription?.close();
      subscription = undefined;
    },
    close: async () => {
      await receiver.close();
      await client.close();
    },
  };
}

async function handle(
  receiver: ServiceBusReceiver,
  message: ServiceBusReceivedMessage,
  handlers: TargetHandlers,
): Promise<void> {
  const parsed = TargetMessage.safeParse(message.body);
  if (!parsed.success) {
    const reason = parsed.error.issues
      .map(({ path, message: text }) => `${path.join(".")}: ${text}`)
      .join("; ");
    await putAside(receiver, message, reason);
    handlers.poison(String(message.messageId), reason);
    return;
  }
  const lock = holdLock(receiver, message);
  try {
    await handlers.target({
      message: parsed.data,
      // AMQP counts the deliveries before this one.
      delivery: (message.deliveryCount ?? 0) + 1,
      lost: lock.lost,
      isLost: () => lock.isLost(),
      complete: () => receiver.completeMessage(message),
      abandon: async () => {
        await receiver.abandonMessage(message).catch(() => undefined);
      },
    });
  } finally {
    lock.release();
  }
}

async function putAside(
  receiver: ServiceBusReceiver,
  message: ServiceBusReceivedMessage,
  reason: string,
): Promise<void> {
  await receiver
    .deadLetterMessage(message, {
      deadLetterReason: "PoisonMessage",
      deadLetterErrorDescription: reason.slice(0, 1_000),
    })
    .catch(() => undefined);
}
