import type { PartitionContext, ReceivedEventData } from "@azure/event-hubs";
import type { Invocation, TypedData } from "../invoker.ts";

/**
 * One batch as the extension hands it to the worker: the bodies as text (the programming model parses what is
 * JSON), or as bytes for `dataType: "binary"`, and what is known of each event in arrays beside them.
 * Source: EventHubTriggerBindingStrategy in azure-sdk-for-net.
 */
export function toBatchInvocation(
  events: readonly ReceivedEventData[],
  partition: PartitionContext,
  dataType: unknown,
): Invocation {
  const bodies = events.map(({ body }) => toBuffer(body));
  const data: TypedData =
    dataType === "binary"
      ? { collectionBytes: { bytes: bodies } }
      : { collectionString: { string: bodies.map(String) } };
  const facts = events.map(factsOf);
  const arrays = factNames.map((name) => [`${name}Array`, json(facts.map((each) => each[name]))] as const);
  return { data, metadata: { ...partitionFacts(partition), ...Object.fromEntries(arrays) } };
}

/** One event by itself: `cardinality: "one"`, or none given. */
export function toSingleInvocation(
  event: ReceivedEventData,
  partition: PartitionContext,
  dataType: unknown,
): Invocation {
  const body = toBuffer(event.body);
  const facts = factsOf(event);
  return {
    data: dataType === "binary" ? { bytes: body } : { string: body.toString() },
    metadata: {
      ...partitionFacts(partition),
      ...Object.fromEntries(factNames.map((name) => [name, json(facts[name])])),
    },
  };
}

const factNames = [
  "PartitionKey",
  "Offset",
  "SequenceNumber",
  "EnqueuedTimeUtc",
  "Properties",
  "SystemProperties",
] as const;

function factsOf(event: ReceivedEventData): Readonly<Record<(typeof factNames)[number], unknown>> {
  return {
    PartitionKey: event.partitionKey ?? null,
    Offset: event.offset,
    SequenceNumber: event.sequenceNumber,
    EnqueuedTimeUtc: event.enqueuedTimeUtc,
    Properties: event.properties ?? {},
    SystemProperties: event.systemProperties ?? {},
  };
}

function partitionFacts(partition: PartitionContext): Record<string, TypedData> {
  const { fullyQualifiedNamespace, eventHubName, consumerGroup, partitionId } = partition;
  const facts = {
    FullyQualifiedNamespace: fullyQualifiedNamespace,
    EventHubName: eventHubName,
    ConsumerGroup: consumerGroup,
    PartitionId: partitionId,
  };
  return { PartitionContext: json(facts), TriggerPartitionContext: json(facts) };
}

/** A body is bytes on the wire unless its sender chose an AMQP value or sequence; those become JSON. */
function toBuffer(body: unknown): Buffer {
  if (Buffer.isBuffer(body)) return body;
  if (body instanceof Uint8Array) return Buffer.from(body);
  return Buffer.from(typeof body === "string" ? body : JSON.stringify(body));
}

const json = (value: unknown): TypedData => ({ json: JSON.stringify(value) });
