import type { XmlElement } from "./xml.ts";
import type { QueueEntity, SubscriptionEntity, TopicEntity } from "../state/entity.ts";
import type { MessageQueue } from "../state/message-queue.ts";
import { type AtomEntry, toIso } from "./atom.ts";

const countNamespace = "http://schemas.microsoft.com/netservices/2011/06/servicebus";

export function toTopicEntry(entity: TopicEntity): AtomEntry {
  return {
    ...entity,
    path: entity.name,
    element: "TopicDescription",
    content: {
      ...entity.description,
      ...toTimes(entity, entity.updatedAt),
      SizeInBytes: "0",
      SubscriptionCount: String(entity.subscriptions.size),
      CountDetails: toCounts({ active: 0, dead: 0, scheduled: entity.topic.scheduledCount }),
    },
  };
}

export function toQueueEntry(entity: QueueEntity): AtomEntry {
  return {
    ...entity,
    path: entity.name,
    element: "QueueDescription",
    content: {
      ...entity.description,
      ...toTimes(entity, entity.queue.accessedAt),
      SizeInBytes: "0",
      ...toQueueCounts(entity.queue),
    },
  };
}

export function toSubscriptionEntry(entity: SubscriptionEntity): AtomEntry {
  const { queue } = entity.subscription;
  return {
    ...entity,
    path: `${entity.topicName}/Subscriptions/${entity.name}`,
    element: "SubscriptionDescription",
    content: { ...entity.description, ...toTimes(entity, queue.accessedAt), ...toQueueCounts(queue) },
  };
}

interface Times {
  readonly createdAt: number;
  readonly updatedAt: number;
}

function toTimes({ createdAt, updatedAt }: Times, accessedAt: number): XmlElement {
  return { CreatedAt: toIso(createdAt), UpdatedAt: toIso(updatedAt), AccessedAt: toIso(accessedAt) };
}

function toQueueCounts(queue: MessageQueue): XmlElement {
  const { total, active, scheduled } = queue.counts;
  const dead = queue.deadLetters?.counts.total ?? 0;
  return { MessageCount: String(total + dead), CountDetails: toCounts({ active, dead, scheduled }) };
}

interface Counts {
  readonly active: number;
  readonly dead: number;
  readonly scheduled: number;
}

/** The SDK finds the prefix of these elements by there being one attribute and no other. */
function toCounts({ active, dead, scheduled }: Counts): XmlElement {
  return {
    "@xmlns:d2p1": countNamespace,
    "d2p1:ActiveMessageCount": active,
    "d2p1:DeadLetterMessageCount": dead,
    "d2p1:ScheduledMessageCount": scheduled,
    "d2p1:TransferMessageCount": 0,
    "d2p1:TransferDeadLetterMessageCount": 0,
  };
}
