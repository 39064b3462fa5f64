import { z } from "zod";
import { RunId } from "./ids.ts";
import { Target, TargetOutcome } from "./target.ts";

/** The Service Bus message of one target. Correlation id = run id, message id = {@link toMessageId}. */
export const TargetMessage = z.object({
  runId: RunId,
  bucket: z.int().min(0),
  /** How often the run enqueued this target: 1, and one more each time it had to be enqueued again. */
  round: z.int().min(1),
  target: Target,
  /** The message's Service Bus session: whose cap the target counts against. Absent: nobody's. */
  session: z.string().min(1).max(128).exactOptional(),
});
export type TargetMessage = z.infer<typeof TargetMessage>;

/** At most 128 characters (Service Bus). The same for the same round, so duplicate detection drops a second send. */
export function toMessageId(message: TargetMessage): string {
  return `${message.runId}-${message.target.id}-${message.round}`;
}

/**
 * Which target a message is about, in its application properties: what can still be told when its body cannot be
 * read.
 */
export const MessageAddress = z.object({
  runId: RunId,
  targetId: Target.shape.id,
  bucket: z.int().min(0),
  round: z.int().min(1),
});
export type MessageAddress = z.infer<typeof MessageAddress>;

export function toMessageAddress({ runId, bucket, round, target }: TargetMessage): MessageAddress {
  return { runId, targetId: target.id, bucket, round };
}

/**
 * Orders what is said about one target: a later round, then a later delivery of the message, then a later word
 * of the same attempt.
 */
export const EventPosition = z.object({
  round: z.int().min(1),
  /** Service Bus delivery count, from 1. */
  delivery: z.int().min(1),
  /** Counts the events of this delivery, from 1. */
  sequence: z.int().min(1),
});
export type EventPosition = z.infer<typeof EventPosition>;

const eventBase = z.object({
  runId: RunId,
  targetId: Target.shape.id,
  bucket: z.int().min(0),
  position: EventPosition,
  workerId: z.string().max(200),
  at: z.iso.datetime(),
});

/** What a worker sends over Event Hubs, partition key = target id. Its result record is the `ended` one. */
export const TargetEvent = z.discriminatedUnion("type", [
  eventBase.extend({ type: z.literal("started") }),
  eventBase.extend({ type: z.literal("ended"), outcome: TargetOutcome }),
]);
export type TargetEvent = z.infer<typeof TargetEvent>;

export const EndedEvent = eventBase.extend({ type: z.literal("ended"), outcome: TargetOutcome });
export type EndedEvent = z.infer<typeof EndedEvent>;

export function isNewer(position: EventPosition, than: EventPosition): boolean {
  return (
    (position.round - than.round || position.delivery - than.delivery || position.sequence - than.sequence) >
    0
  );
}

/** What the run tells its workers, in Blob; they look every second. */
export const RunControl = z.object({
  /** go: take targets · stop: take nothing new, finish what runs · settled: every target has its outcome, exit. */
  order: z.enum(["go", "stop", "settled"]),
});
export type RunControl = z.infer<typeof RunControl>;
