import type { ServiceBusReceivedMessage, ServiceBusSessionReceiver } from "@azure/service-bus";
import { z } from "zod";

/** How often the messages of a session were handed out that nobody completed, by sequence number. */
const Deliveries = z.record(z.string(), z.int().min(1));

export interface SessionDeliveries {
  /** Which delivery of the message this is, from 1. */
  count(message: ServiceBusReceivedMessage): Promise<number>;
  /** The message will not come again. */
  completed(message: ServiceBusReceivedMessage): void;
}

/**
 * Service Bus does not count a delivery whose session was closed, and it is closed when its holder is killed. The next
 * holder must know that it is not the first, though: so the count is kept in the session's state too. It is written
 * while the work goes on; should the write be lost, the delivery only looks like the first one again.
 */
export function countDeliveries(
  session: Pick<ServiceBusSessionReceiver, "getSessionState" | "setSessionState">,
): SessionDeliveries {
  const known = session.getSessionState().then(parse, () => new Map<string, number>());
  let open: Map<string, number> | undefined;
  return {
    count: async (message) => {
      open ??= await known;
      const key = String(message.sequenceNumber);
      const delivery = Math.max(toDelivery(message), (open.get(key) ?? 0) + 1);
      open.set(key, delivery);
      session.setSessionState(Object.fromEntries(open)).catch(() => undefined);
      return delivery;
    },
    completed: (message) => {
      open?.delete(String(message.sequenceNumber));
    },
  };
}

/** AMQP counts the deliveries before this one. */
export function toDelivery({ deliveryCount = 0 }: ServiceBusReceivedMessage): number {
  return deliveryCount + 1;
}

function parse(state: unknown): Map<string, number> {
  const parsed = Deliveries.safeParse(state);
  return new Map(parsed.success ? Object.entries(parsed.data) : []);
}
