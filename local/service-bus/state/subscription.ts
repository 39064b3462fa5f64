import type { AmqpMessage } from "../../amqp/message.ts";
import { createDefaultRule, matchesRule, type Rule } from "../filters/rule.ts";
import type { MessageQueue } from "./message-queue.ts";

/** A queue that takes what passes its rules. */
export class Subscription {
  readonly name: string;
  readonly queue: MessageQueue;
  /** By name in lower case. */
  readonly rules = new Map<string, Rule>();

  constructor(name: string, queue: MessageQueue, firstRule: Rule = createDefaultRule()) {
    this.name = name;
    this.queue = queue;
    this.rules.set(firstRule.name.toLowerCase(), firstRule);
  }

  offer(content: AmqpMessage): void {
    for (const rule of this.rules.values()) {
      if (!matchesRule(rule, content)) continue;
      this.queue.enqueue(content);
      return;
    }
  }
}
