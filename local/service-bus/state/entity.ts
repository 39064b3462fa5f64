import type { Description } from "./description.ts";
import type { DuplicateDetection } from "./duplicate-detection.ts";
import type { MessageQueue } from "./message-queue.ts";
import type { Subscription } from "./subscription.ts";
import type { Topic } from "./topic.ts";

export interface EntityFacts {
  /** As spelt when it was created; entities are found whatever the case. */
  readonly name: string;
  readonly createdAt: number;
  updatedAt: number;
  description: Description;
  /** Undefined: duplicates are not looked for. */
  readonly duplicates: DuplicateDetection | undefined;
}

export interface TopicEntity extends EntityFacts {
  readonly kind: "topic";
  readonly topic: Topic;
  readonly subscriptions: Map<string, SubscriptionEntity>;
}

export interface QueueEntity extends EntityFacts {
  readonly kind: "queue";
  readonly queue: MessageQueue;
}

export interface SubscriptionEntity extends EntityFacts {
  readonly kind: "subscription";
  readonly topicName: string;
  readonly subscription: Subscription;
}

/** What a client can send to. */
export type SendableEntity = TopicEntity | QueueEntity;
