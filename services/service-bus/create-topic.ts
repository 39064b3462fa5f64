import {
  RetryMode,
  ServiceBusAdministrationClient,
  ServiceBusClient,
  isServiceBusError,
} from "@azure/service-bus";
import { Failure } from "../../model/failures.ts";
import { toSubscriptionName, type RunId } from "../../model/ids.ts";
import {
  toMessageAddress,
  toMessageId,
  type MessageAddress,
  type TargetMessage,
} from "../../model/messages.ts";
import type { Access } from "../access.ts";
import { fromSecrets } from "../from-secrets.ts";
import { once } from "../once.ts";
import { guard } from "../guard.ts";
import type { TargetTopic } from "../services.ts";
import { takeUntouched } from "./take-untouched.ts";

/** A killed worker's targets come back after this long. Workers renew while they work. */
const lockDuration = "PT30S";
/** Deliveries before the message is dead-lettered by the service. */
const maxDeliveryCount = 10;
/**
 * By default the client would wait 60 s for an answer that got lost with its connection, and 30 s more before it
 * tries again. Trying again is harmless: duplicate detection drops what was taken in the first time.
 */
const retryOptions = {
  timeoutInMs: 5_000,
  mode: RetryMode.Exponential,
  maxRetries: 6,
  retryDelayInMs: 250,
  maxRetryDelayInMs: 10_000,
};
/** Nobody listens: the subscription goes by itself, should clean-up ever be missed. */
const autoDeleteOnIdle = "P1D";

/** The topic all runs share; each run's messages reach only its own subscription, by correlation id. */
export function createTopic(
  access: Access,
  { topic, namespace }: { readonly topic: string; readonly namespace?: string | undefined },
): TargetTopic {
  const clients = openClients(access, namespace);

  return guard<TargetTopic>("Service Bus", {
    subscribe: async (runId, options) => {
      const { admin } = await clients();
      await createSubscription(admin, { topic, requiresSession: options?.sessions ?? false }, runId);
    },
    send: async (messages) => {
      const { data } = await clients();
      return sendAll(data, topic, messages);
    },
    waiting: async (runId) => {
      const { admin } = await clients();
      try {
        const counts = await admin.getSubscriptionRuntimeProperties(topic, toSubscriptionName(runId));
        return counts.activeMessageCount;
      } catch (error) {
        if (isMissing(error)) return 0;
        throw error;
      }
    },
    async *takeUntouched(runId, options) {
      const { data } = await clients();
      yield* takeUntouched({ client: data, topic, subscription: toSubscriptionName(runId) }, options);
    },
    unsubscribe: async (runId) => {
      const { admin } = await clients();
      try {
        await admin.deleteSubscription(topic, toSubscriptionName(runId));
      } catch (error) {
        if (!isMissing(error)) throw error;
      }
    },
  });
}

interface Clients {
  readonly admin: ServiceBusAdministrationClient;
  readonly data: ServiceBusClient;
}

/** @param namespace opened by identity; absent: the one of the connection string in the vault */
function openClients({ credential, secrets }: Access, namespace: string | undefined): () => Promise<Clients> {
  if (namespace) {
    return once(() => ({
      admin: new ServiceBusAdministrationClient(namespace, credential),
      data: new ServiceBusClient(namespace, credential, { retryOptions }),
    }));
  }
  return fromSecrets(secrets, ["ServiceBusTopicConnectionString"], (values) => {
    const connectionString = values.ServiceBusTopicConnectionString;
    return {
      admin: new ServiceBusAdministrationClient(connectionString),
      data: new ServiceBusClient(connectionString, { retryOptions }),
    };
  });
}

async function createSubscription(
  admin: ServiceBusAdministrationClient,
  { topic, requiresSession }: { readonly topic: string; readonly requiresSession: boolean },
  runId: RunId,
): Promise<void> {
  try {
    await admin.createSubscription(topic, toSubscriptionName(runId), {
      lockDuration,
      maxDeliveryCount,
      requiresSession,
      autoDeleteOnIdle,
      deadLetteringOnMessageExpiration: true,
      defaultRuleOptions: { name: "run", filter: { correlationId: runId } },
    });
  } catch (error) {
    // Made by an earlier try of the same step.
    if (statusOf(error) !== 409) throw error;
  }
}

/** Fills batches as far as they go; a message that does not fit starts the next one, and none is left out. */
async function sendAll(
  client: ServiceBusClient,
  topic: string,
  messages: readonly TargetMessage[],
): Promise<number> {
  const sender = client.createSender(topic);
  try {
    let sent = 0;
    let batch = await sender.createMessageBatch();
    for (const message of messages) {
      const outgoing = toOutgoing(message);
      if (batch.tryAddMessage(outgoing)) continue;
      await sender.sendMessages(batch);
      sent += batch.count;
      batch = await sender.createMessageBatch();
      if (!batch.tryAddMessage(outgoing)) {
        throw new Failure(
          "InvalidRequest",
          `Target ${message.target.id} does not fit one Service Bus message.`,
        );
      }
    }
    if (batch.count > 0) await sender.sendMessages(batch);
    return sent + batch.count;
  } finally {
    await sender.close();
  }
}

function toOutgoing(message: TargetMessage): {
  body: TargetMessage;
  messageId: string;
  correlationId: string;
  contentType: string;
  applicationProperties: MessageAddress;
  sessionId?: string;
} {
  return {
    body: message,
    applicationProperties: toMessageAddress(message),
    ...(message.session !== undefined && { sessionId: message.session }),
    messageId: toMessageId(message),
    correlationId: message.runId,
    contentType: "application/json",
  };
}

function isMissing(error: unknown): boolean {
  return (isServiceBusError(error) && error.code === "MessagingEntityNotFound") || statusOf(error) === 404;
}

function statusOf(error: unknown): number | undefined {
  return (error as { statusCode?: number }).statusCode;
}
