import type { ServiceBusReceivedMessage, ServiceBusReceiver } from "@azure/service-bus";
import { MessageAddress, TargetMessage } from "../../model/messages.ts";
import { toGivenBack } from "./given-back.ts";
import type { HeldLock } from "./receive-lock.ts";
import { settleInTime } from "./settle-in-time.ts";
import { type SessionDeliveries, toDelivery } from "./session-deliveries.ts";
import type { Rest, TargetHandlers } from "./target-receiver.ts";

interface Received {
  /** Also one that holds a session: it settles in the same way. */
  readonly receiver: Pick<ServiceBusReceiver, "completeMessage" | "abandonMessage" | "deadLetterMessage">;
  readonly message: ServiceBusReceivedMessage;
  readonly lock: HeldLock;
  readonly handlers: TargetHandlers;
  /** Counts deliveries, where the service's own count is not all of it. */
  readonly deliveries?: SessionDeliveries;
}

/** One message, from the wire to the worker. Never throws. @returns when the slot is free; the message may be open still */
export async function handleMessage(received: Received): Promise<Rest> {
  const { receiver, message, lock, handlers, deliveries } = received;
  const parsed = TargetMessage.safeParse(message.body);
  if (!parsed.success) {
    const reason = parsed.error.issues
      .map(({ path, message: text }) => `${path.join(".")}: ${text}`)
      .join("; ");
    const address = MessageAddress.safeParse(message.applicationProperties).data;
    await handlers.poison({
      messageId: String(message.messageId),
      reason,
      delivery: toDelivery(message),
      address,
    });
    return { done: putAside(received, reason) };
  }
  const delivery = await count(received);
  // Left as it is: it comes again when the session has another holder, and nobody has begun it.
  if (delivery === undefined) return { done: Promise.resolve() };
  return handlers.target({
    message: parsed.data,
    delivery,
    lost: lock.lost,
    isLost: () => lock.isLost(),
    confirm: () => lock.confirm(),
    complete: async () => {
      await settleInTime(receiver.completeMessage(message));
      deliveries?.completed(message);
    },
    abandon: async () => {
      await settleInTime(receiver.abandonMessage(message)).catch(() => undefined);
    },
    giveBack: async () => {
      await settleInTime(receiver.abandonMessage(message, toGivenBack(message))).catch(() => undefined);
    },
  });
}

/** @returns undefined when it could not be written down */
async function count({ message, deliveries, handlers }: Received): Promise<number | undefined> {
  if (!deliveries) return toDelivery(message);
  try {
    return await settleInTime(deliveries.count(message));
  } catch (error) {
    handlers.disturbed(error);
    return undefined;
  }
}

async function putAside({ receiver, message }: Received, reason: string): Promise<void> {
  await receiver
    .deadLetterMessage(message, {
      deadLetterReason: "PoisonMessage",
      deadLetterErrorDescription: reason.slice(0, 1_000),
    })
    .catch(() => undefined);
}
