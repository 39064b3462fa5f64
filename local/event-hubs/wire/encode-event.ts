import type { AmqpMessage } from "../../amqp/message.ts";
import { sectionCode } from "../../amqp/sections.ts";
import { encodeValues, toDescribed, toLong, toSymbolMap, toText, toTimestamp } from "../../amqp/values.ts";
import type { PartitionLog, StoredEvent } from "../state/partition-log.ts";

export const partitionKeyAnnotation = "x-opt-partition-key";

/** An event as it is delivered: the sender's bytes with the service's annotations. */
export function encodeEvent(
  event: AmqpMessage,
  key: string | undefined,
  place: Omit<StoredEvent, "payload">,
): Buffer {
  const annotations = {
    ...event.annotations,
    ...(key !== undefined && { [partitionKeyAnnotation]: toText(key) }),
    "x-opt-sequence-number": toLong(place.sequenceNumber),
    "x-opt-offset": toText(String(place.offset)),
    "x-opt-enqueued-time": toTimestamp(place.enqueuedAt),
  };
  const rest = event.sections.filter(({ code }) => code > sectionCode.messageAnnotations);
  const head = encodeValues(toDescribed(sectionCode.messageAnnotations, toSymbolMap(annotations)));
  return Buffer.concat([head, ...rest.map(({ bytes }) => bytes)]);
}

/** What a client that asks for it is told with every event about the partition's newest, as it is by now. */
export function encodeRuntimeMetric({ last, next }: PartitionLog, now: number): Buffer {
  const notes = {
    last_enqueued_sequence_number: toLong(next - 1),
    last_enqueued_offset: toText(String(last?.offset ?? -1)),
    last_enqueued_time_utc: toTimestamp(last?.enqueuedAt ?? 0),
    runtime_info_retrieval_time_utc: toTimestamp(now),
  };
  return encodeValues(toDescribed(sectionCode.deliveryAnnotations, toSymbolMap(notes)));
}
