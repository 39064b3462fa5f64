import { AmqpError } from "../../amqp/errors.ts";
import type { AmqpMessage } from "../../amqp/message.ts";
import type { Clock } from "../../part.ts";
import type { Rule } from "../filters/rule.ts";
import {
  type Description,
  queueDefaults,
  subscriptionDefaults,
  toDuplicateWindow,
  topicDefaults,
  toQueueSettings,
} from "./description.ts";
import { DuplicateDetection } from "./duplicate-detection.ts";
import { endlessDuration, parseDuration } from "./duration.ts";
import type { EntityFacts, QueueEntity, SendableEntity, SubscriptionEntity, TopicEntity } from "./entity.ts";
import { MessageQueue } from "./message-queue.ts";
import { Subscription } from "./subscription.ts";
import { Timetable } from "./timetable.ts";
import { Topic } from "./topic.ts";

/** Takes a message from one entity on to another; false when the other one is not there. */
export type Forward = (to: string, content: AmqpMessage) => boolean;

export interface SubscriptionCreation {
  readonly topicName: string;
  readonly name: string;
  readonly description?: Description;
  /** Left out: a rule that lets everything pass. */
  readonly firstRule?: Rule | undefined;
}

/** The entities of one namespace. Names are found whatever their case. */
export class ServiceBusNamespace {
  /** Topics and queues share one space of names; by name in lower case. */
  readonly entities = new Map<string, SendableEntity>();
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  readonly #clock: Clock;
  readonly #forward: Forward;
  readonly #idle: Timetable<SubscriptionEntity>;

  constructor(clock: Clock, forward: Forward) {
    this.createdAt = clock.now();
    this.#clock = clock;
    this.#forward = forward;
    this.#idle = new Timetable(clock, (entity) => {
      this.#deleteIfIdle(entity);
    });
  }

  /** @throws AmqpError com.microsoft:entity-already-exists */
  createTopic(name: string, description: Description = {}): TopicEntity {
    const facts = this.#newFacts(name, { ...topicDefaults, ...description });
    const subscriptions = new Map<string, SubscriptionEntity>();
    const topic = new Topic(this.#clock, (content) => {
      for (const { subscription } of subscriptions.values()) subscription.offer(content);
    });
    const entity: TopicEntity = { kind: "topic", ...facts, topic, subscriptions };
    this.#add(entity);
    return entity;
  }

  /** @throws AmqpError com.microsoft:entity-already-exists */
  createQueue(name: string, description: Description = {}): QueueEntity {
    const facts = this.#newFacts(name, { ...queueDefaults, ...description });
    const entity: QueueEntity = { kind: "queue", ...facts, queue: this.#createMessageQueue(name, facts) };
    this.#add(entity);
    return entity;
  }

  /** @throws AmqpError amqp:not-found (the topic), com.microsoft:entity-already-exists */
  createSubscription(creation: SubscriptionCreation): SubscriptionEntity {
    const { name, firstRule } = creation;
    const parent = this.entities.get(creation.topicName.toLowerCase());
    if (parent?.kind !== "topic") throw notFound(creation.topicName);
    const path = `${parent.name}/Subscriptions/${name}`;
    if (parent.subscriptions.has(name.toLowerCase())) throw alreadyExists(path);
    const facts = this.#newFacts(name, { ...subscriptionDefaults, ...creation.description });
    const subscription = new Subscription(name, this.#createMessageQueue(path, facts), firstRule);
    const entity: SubscriptionEntity = {
      kind: "subscription",
      ...facts,
      topicName: parent.name,
      subscription,
    };
    parent.subscriptions.set(name.toLowerCase(), entity);
    this.#idle.set(entity, idleAt(entity));
    return entity;
  }

  findSubscription(topicName: string, name: string): SubscriptionEntity | undefined {
    const entity = this.entities.get(topicName.toLowerCase());
    return entity?.kind === "topic" ? entity.subscriptions.get(name.toLowerCase()) : undefined;
  }

  /** Deletes a topic or a queue and tells their receivers. False: there is none. */
  deleteEntity(name: string): boolean {
    const entity = this.entities.get(name.toLowerCase());
    if (!entity) return false;
    this.entities.delete(name.toLowerCase());
    if (entity.kind === "queue") {
      entity.queue.close(deleted(name));
      return true;
    }
    entity.topic.close();
    for (const child of [...entity.subscriptions.values()]) this.#drop(entity, child);
    return true;
  }

  /** Deletes a subscription and tells its receivers. False: there is none. */
  deleteSubscription(topicName: string, name: string): boolean {
    const parent = this.entities.get(topicName.toLowerCase());
    const child = this.findSubscription(topicName, name);
    if (parent?.kind !== "topic" || !child) return false;
    this.#drop(parent, child);
    return true;
  }

  /** Takes over changed settings; a session requirement cannot change. */
  updateDescription(entity: SendableEntity | SubscriptionEntity, description: Description): void {
    entity.description = { ...entity.description, ...description };
    entity.updatedAt = this.#clock.now();
    if (entity.kind === "queue") entity.queue.settings = toQueueSettings(entity.description);
    if (entity.kind !== "subscription") return;
    entity.subscription.queue.settings = toQueueSettings(entity.description);
    this.#idle.set(entity, idleAt(entity));
  }

  /** Every queue and every subscription's. */
  *queues(): Generator<MessageQueue> {
    for (const entity of this.entities.values()) {
      if (entity.kind === "queue") yield entity.queue;
      else for (const { subscription } of entity.subscriptions.values()) yield subscription.queue;
    }
  }

  close(): void {
    this.#idle.clear();
    for (const name of [...this.entities.keys()]) this.deleteEntity(name);
  }

  #add(entity: SendableEntity): void {
    const key = entity.name.toLowerCase();
    if (this.entities.has(key)) throw alreadyExists(entity.name);
    this.entities.set(key, entity);
  }

  #newFacts(name: string, description: Description): EntityFacts {
    const now = this.#clock.now();
    const window = toDuplicateWindow(description);
    const duplicates = window === undefined ? undefined : new DuplicateDetection(this.#clock, window);
    return { name, createdAt: now, updatedAt: now, description, duplicates };
  }

  #createMessageQueue(path: string, { description }: EntityFacts): MessageQueue {
    const settings = toQueueSettings(description);
    const to = description["ForwardTo"];
    const deadLetters = new MessageQueue({
      path: `${path}/$DeadLetterQueue`,
      settings: { ...settings, requiresSession: false, defaultTimeToLive: Infinity },
      clock: this.#clock,
    });
    const forward = to === undefined ? undefined : (content: AmqpMessage) => this.#forward(to, content);
    return new MessageQueue({ path, settings, clock: this.#clock, deadLetters, forward });
  }

  #drop(parent: TopicEntity, child: SubscriptionEntity): void {
    parent.subscriptions.delete(child.name.toLowerCase());
    this.#idle.delete(child);
    child.subscription.queue.close(deleted(`${parent.name}/Subscriptions/${child.name}`));
  }

  /** Idle means: nobody attached, and nobody came, for the time set. */
  #deleteIfIdle(entity: SubscriptionEntity): void {
    const { queue } = entity.subscription;
    if (queue.shelf.receiverCount > 0) queue.accessedAt = this.#clock.now();
    if (idleAt(entity) <= this.#clock.now()) this.deleteSubscription(entity.topicName, entity.name);
    else this.#idle.set(entity, idleAt(entity));
  }
}

function idleAt(entity: SubscriptionEntity): number {
  const patience = parseDuration(entity.description["AutoDeleteOnIdle"] ?? endlessDuration);
  return entity.subscription.queue.accessedAt + patience;
}

export function notFound(name: string): AmqpError {
  return new AmqpError("amqp:not-found", `The messaging entity '${name}' could not be found.`);
}

function alreadyExists(name: string): AmqpError {
  return new AmqpError(
    "com.microsoft:entity-already-exists",
    `The messaging entity '${name}' exists already.`,
  );
}

function deleted(name: string): AmqpError {
  return new AmqpError("amqp:not-found", `The messaging entity '${name}' has been deleted.`);
}
