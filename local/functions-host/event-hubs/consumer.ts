import {
  type CheckpointStore,
  EventHubConsumerClient,
  type EventPosition,
  earliestEventPosition,
  latestEventPosition,
  RetryMode,
} from "@azure/event-hubs";
import { z } from "zod";
import { readConnection } from "../connection.ts";
import type { EventHubsOptions } from "../host-json.ts";
import type { RegisteredFunction } from "../invoker.ts";
import type { Settings } from "../options.ts";

/**
 * A claim on a partition is kept until it expires, by a host that was killed as well as by this one after the
 * link to a partition failed. No other host competes here, so it may expire fast (the SDK's default is a minute).
 */
const loadBalancingOptions = {
  strategy: "greedy",
  updateIntervalInMs: 2_000,
  partitionOwnershipExpirationIntervalInMs: 3_000,
} as const;

/** The SDK waits 30 s between tries, and that is how long a cut link would stay silent. */
const retryOptions = {
  maxRetries: 5,
  retryDelayInMs: 200,
  maxRetryDelayInMs: 2_000,
  mode: RetryMode.Exponential,
};

const TriggerProperties = z.object({
  connection: z.string(),
  eventHubName: z.string(),
  consumerGroup: z.string().default("$Default"),
});

/**
 * The client for a function's event hub. A name in the connection string (EntityPath) wins, as in Azure.
 * A namespace `localhost:PORT` is reached there, over TLS, as every other namespace is on its own port.
 * @throws {Error} when the connection's settings or one of the trigger's properties are missing.
 */
export function createConsumer(
  { name, trigger }: RegisteredFunction,
  settings: Settings,
  store: CheckpointStore,
): EventHubConsumerClient {
  const properties = TriggerProperties.safeParse(trigger);
  if (!properties.success) throw new Error(`Function "${name}": ${z.prettifyError(properties.error)}`);
  const { consumerGroup: group, eventHubName: hub, connection: connectionName } = properties.data;
  const connection = readConnection(connectionName, ["fullyQualifiedNamespace"], settings);
  const options = { loadBalancingOptions, retryOptions };
  if ("connectionString" in connection) {
    const { connectionString } = connection;
    return /(^|;)\s*EntityPath=/i.test(connectionString)
      ? new EventHubConsumerClient(group, connectionString, store, options)
      : new EventHubConsumerClient(group, connectionString, hub, store, options);
  }
  return new EventHubConsumerClient(group, connection.endpoint, hub, connection.credential, store, options);
}

/** Where reading starts in a partition without a checkpoint. */
export function startPosition({ initialOffsetOptions }: EventHubsOptions): EventPosition {
  const { type, enqueuedTimeUtc } = initialOffsetOptions;
  switch (type) {
    case "fromStart":
      return earliestEventPosition;
    case "fromEnd":
      return latestEventPosition;
    case "fromEnqueuedTime":
      return { enqueuedOn: new Date(enqueuedTimeUtc ?? 0) };
  }
}
