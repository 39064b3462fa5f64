import type { ServiceBusReceivedMessage, ServiceBusReceiver } from "@azure/service-bus";
import { MessageAddress, TargetMessage } from "../../model/messages.ts";
import type { HeldLock } from "./receive-lock.ts";
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

/**
 * Milliseconds. When the link was cut, the SDK waits for an answer to a settlement for minutes, and the slot with it. The
 * message comes again when its lock ends, and its outcome is known by then.
 */
const settleWithin = 5_000;

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
  return handlers.target({
    message: parsed.data,
    delivery: (await deliveries?.count(message)) ?? toDelivery(message),
    lost: lock.lost,
    isLost: () => lock.isLost(),
    confirm: () => lock.confirm(),
    complete: async () => {
      await inTime(receiver.completeMessage(message));
      deliveries?.completed(message);
    },
    abandon: async () => {
      await inTime(receiver.abandonMessage(message)).catch(() => undefined);
    },
  });
}

async function putAside({ receiver, message }: Received, reason: string): Promise<void> {
  await receiver
    .deadLetterMessage(message, {
      deadLetterReason: "PoisonMessage",
      deadLetterErrorDescription: reason.slice(0, 1_000),
    })
    .catch(() => undefined);
}

async function inTime(settling: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`The message was not settled within ${settleWithin / 1_000} s.`));
    }, settleWithin);
  });
  try {
    await Promise.race([settling, late]);
  } finally {
    clearTimeout(timer);
  }
}
