import { type ServiceBusClient, type ServiceBusReceiver, isServiceBusError } from "@azure/service-bus";
import { handleMessage } from "./handle-message.ts";
import { holdLock } from "./receive-lock.ts";
import type { TargetHandlers, TargetReceiver } from "./target-receiver.ts";

/** A subscription, and the connection to it. */
export interface Source {
  readonly client: ServiceBusClient;
  readonly topic: string;
  readonly subscription: string;
}

/**
 * Any mix of targets, each slot with a link of its own. On one link for all of them a target that takes hours would
 * stop the others after a while: the SDK keeps a window of 2,048 deliveries, and its oldest open one holds it.
 */
export function createMessageReceiver({ client, topic, subscription }: Source): TargetReceiver {
  const slots: { readonly receiver: ServiceBusReceiver; readonly stop: () => Promise<void> }[] = [];
  return {
    start: (count, handlers) => {
      for (let slot = 0; slot < count; slot += 1) {
        const receiver = client.createReceiver(topic, subscription, {
          receiveMode: "peekLock",
          // Renewing is ours, see receive-lock.ts.
          maxAutoLockRenewalDurationInMs: 0,
        });
        const receiving = receive(receiver, handlers);
        slots.push({ receiver, stop: () => receiving.close() });
      }
    },
    stop: async () => {
      await Promise.all(slots.map(({ stop }) => stop()));
    },
    close: async () => {
      await Promise.all(slots.map(({ receiver }) => receiver.close()));
      await client.close();
    },
  };
}

function receive(receiver: ServiceBusReceiver, handlers: TargetHandlers): { close(): Promise<void> } {
  return receiver.subscribe(
    {
      processMessage: async (message) => {
        const lock = holdLock(message.lockedUntilUtc, () => receiver.renewMessageLock(message));
        const { done } = await handleMessage({ receiver, message, lock, handlers });
        void done.finally(() => {
          lock.release();
        });
      },
      processError: ({ error }) => {
        if (isGone(error)) handlers.gone();
        else handlers.disturbed(error);
        return Promise.resolve();
      },
    },
    { autoCompleteMessages: false, maxConcurrentCalls: 1 },
  );
}

export function isGone(error: unknown): boolean {
  return isServiceBusError(error) && error.code === "MessagingEntityNotFound";
}
