import type { ServiceBusReceivedMessage, ServiceBusSessionReceiver } from "@azure/service-bus";
import { z } from "zod";

/** How often the messages of a session were handed out that nobody completed, by sequence number. */
const Deliveries = z.record(z.string(), z.int().min(1));
type Counts = Map<string, number>;

export interface SessionDeliveries {
  /**
   * Which delivery of the message this is, from 1. It is written down when this resolves: who finds nothing written
   * knows that nobody began.
   * @throws when it could not be written: then the message must not be begun
   */
  count(message: ServiceBusReceivedMessage): Promise<number>;
  /** The message will not come again. */
  completed(message: ServiceBusReceivedMessage): void;
}

type Session = Pick<ServiceBusSessionReceiver, "getSessionState" | "setSessionState">;

/**
 * Service Bus does not count a delivery whose session was closed, and it is closed when its holder is killed. The next
 * holder must know that it is not the first, though: so the count is kept in the session's state too.
 */
export function countDeliveries(session: Session): SessionDeliveries {
  let counts: Promise<Counts> | undefined;
  const read = (): Promise<Counts> => {
    const reading = readCounts(session);
    reading.catch(() => {
      // The next message asks again.
      counts = undefined;
    });
    return reading;
  };
  counts = read();
  return {
    count: async (message) => {
      const known = await (counts ??= read());
      const delivery = toSessionDelivery(message, known);
      known.set(toKey(message), delivery);
      await session.setSessionState(Object.fromEntries(known));
      return delivery;
    },
    completed: (message) => {
      void counts?.then(
        (known) => known.delete(toKey(message)),
        () => undefined,
      );
    },
  };
}

/** Which delivery a message is in the hand of who just got the session; changes nothing. */
export async function readDeliveries(
  session: Pick<Session, "getSessionState">,
): Promise<(message: ServiceBusReceivedMessage) => number> {
  const counts = await readCounts(session);
  return (message) => toSessionDelivery(message, counts);
}

/** AMQP counts the deliveries before this one. */
export function toDelivery({ deliveryCount = 0 }: ServiceBusReceivedMessage): number {
  return deliveryCount + 1;
}

function toSessionDelivery(message: ServiceBusReceivedMessage, counts: Counts): number {
  return Math.max(toDelivery(message), (counts.get(toKey(message)) ?? 0) + 1);
}

function toKey({ sequenceNumber }: ServiceBusReceivedMessage): string {
  return String(sequenceNumber);
}

async function readCounts(session: Pick<Session, "getSessionState">): Promise<Counts> {
  const parsed = Deliveries.safeParse(await session.getSessionState());
  return new Map(parsed.success ? Object.entries(parsed.data) : []);
}
