import { EventHubProducerClient } from "@azure/event-hubs";
import type { TargetEvent } from "../../model/messages.ts";
import type { Namespace } from "../access.ts";
import { createEventQueue } from "./event-queue.ts";

/**
 * Tells the run what happens to its targets, best effort: the truth is in the result records. Nothing here ever
 * makes a caller wait or fail.
 */
export interface EventSender {
  /** Sent within a quarter of a second, with whatever else there is by then; a start whose end is there too is left out. */
  send(event: TargetEvent): void;
  /** Waits until everything is sent, or `milliseconds` are over; then lets go of the connection. */
  close(milliseconds: number): Promise<void>;
}

/** Milliseconds an event waits for others. */
const gatherFor = 200;
/** Events held while the hub does not answer; then the oldest are dropped. */
const mostWaiting = 20_000;

const options = {
  retryOptions: { maxRetries: 2, retryDelayInMs: 250, maxRetryDelayInMs: 2_000, timeoutInMs: 10_000 },
};

/**
 * @param namespace that of the hub, or a connection string
 * @param onDropped told how many events were given up, and why; the message holds no secret
 */
export function createEventSender(
  namespace: Namespace,
  eventHub: string,
  onDropped: (count: number, error: unknown) => void,
): EventSender {
  const client = openClient(namespace, eventHub);
  let partitions: Promise<readonly string[]> | undefined;
  const readPartitions = async (): Promise<readonly string[]> => {
    partitions ??= client.getPartitionIds();
    try {
      return await partitions;
    } catch (error) {
      partitions = undefined;
      throw error;
    }
  };
  const queue = createEventQueue<TargetEvent>({
    gatherFor,
    mostWaiting,
    onDropped,
    send: async (events) => {
      const ids = await readPartitions();
      const groups = groupBy(withoutOvertaken(events), (event) => toPartition(event, ids));
      await Promise.all([...groups].map(([partitionId, group]) => sendGroup(client, partitionId, group)));
    },
  });
  return {
    send: (event) => {
      queue.push(event);
    },
    close: async (milliseconds) => {
      await queue.end(milliseconds);
      // A hub that is gone would be asked to say goodbye, for as long as the client cares to wait.
      void client.close().catch(() => undefined);
    },
  };
}

function openClient(namespace: Namespace, eventHub: string): EventHubProducerClient {
  if (typeof namespace === "string") return new EventHubProducerClient(namespace, eventHub, options);
  return new EventHubProducerClient(namespace.host, eventHub, namespace.credential, options);
}

/** The end of a target says all that its start did, and most targets end before their start would be sent. */
function withoutOvertaken(events: readonly TargetEvent[]): readonly TargetEvent[] {
  const last = new Map(events.map((event) => [event.targetId, event]));
  return events.filter((event) => event.type !== "started" || last.get(event.targetId) === event);
}

/**
 * All events of a target go to one partition, so they arrive in order. The choice is ours and not the service's
 * (partition key) because a batch holds one key only: one send per event would be a round trip each.
 */
function toPartition(event: TargetEvent, partitionIds: readonly string[]): string {
  return partitionIds[Number(event.targetId) % partitionIds.length] ?? "0";
}

function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group) group.push(item);
    else groups.set(keyOf(item), [item]);
  }
  return groups;
}

async function sendGroup(
  client: EventHubProducerClient,
  partitionId: string,
  events: readonly TargetEvent[],
): Promise<void> {
  let batch = await client.createBatch({ partitionId });
  for (const event of events) {
    const data = { body: event, contentType: "application/json", correlationId: event.runId };
    if (batch.tryAdd(data)) continue;
    await client.sendBatch(batch);
    batch = await client.createBatch({ partitionId });
    batch.tryAdd(data);
  }
  if (batch.count > 0) await client.sendBatch(batch);
}
