import { RetryMode, ServiceBusClient } from "@azure/service-bus";
import { type RunId, toSubscriptionName } from "../../model/ids.ts";
import type { Namespace } from "../access.ts";
import { createMessageReceiver } from "./receive-messages.ts";
import { createSessionReceiver } from "./receive-sessions.ts";
import type { TargetReceiver } from "./target-receiver.ts";

/**
 * Reconnects sooner than the SDK would (30 s). The time-out is how long one request for a free session waits; one that
 * is given up ends with it.
 */
const retryOptions = {
  timeoutInMs: 10_000,
  retryDelayInMs: 500,
  maxRetryDelayInMs: 5_000,
  mode: RetryMode.Exponential,
};

/**
 * @param namespace that of the topic, or a connection string of the namespace or of the topic itself
 * @param perSession targets at once of one session, for a subscription with sessions
 */
export function createTargetReceiver(
  namespace: Namespace,
  topic: string,
  runId: RunId,
  perSession?: number,
): TargetReceiver {
  const client = openClient(namespace);
  const source = { client, topic, subscription: toSubscriptionName(runId) };
  return perSession === undefined ? createMessageReceiver(source) : createSessionReceiver(source, perSession);
}

function openClient(namespace: Namespace): ServiceBusClient {
  if (typeof namespace === "string") return new ServiceBusClient(namespace, { retryOptions });
  return new ServiceBusClient(namespace.host, namespace.credential, { retryOptions });
}
