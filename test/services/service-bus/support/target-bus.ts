import {
  type CreateSubscriptionOptions,
  ServiceBusAdministrationClient,
  ServiceBusClient,
  type ServiceBusReceivedMessage,
} from "@azure/service-bus";
import { systemClock } from "../../../../local/part.ts";
import { type RunningServiceBus, startServiceBus } from "../../../../local/service-bus/server.ts";
import { type RunId, toRunId, toSubscriptionName, toTargetId } from "../../../../model/ids.ts";
import type { TargetMessage } from "../../../../model/messages.ts";
import type { TargetDelivery, TargetHandlers } from "../../../../services/service-bus/target-receiver.ts";
import { createTrustedCertificates } from "../../../local/trusted-certificates.ts";

/** A Service Bus with the topic `sqlfleet`. */
export interface TargetBus extends RunningServiceBus {
  readonly client: ServiceBusClient;
  /** A new run's subscription. */
  subscribe(options?: CreateSubscriptionOptions): Promise<RunId>;
  /** Sends bodies; those of targets with the session they name. */
  send(runId: RunId, bodies: readonly unknown[]): Promise<void>;
  readDeadLetter(runId: RunId): Promise<ServiceBusReceivedMessage | undefined>;
}

export async function startTargetBus(): Promise<TargetBus> {
  const bus = await startServiceBus({
    tls: await createTrustedCertificates(),
    topics: [{ name: "sqlfleet" }],
    sharedAccessKey: "a-key",
    clock: systemClock,
  });
  const client = new ServiceBusClient(bus.connectionString);
  const admin = new ServiceBusAdministrationClient(bus.connectionString);
  let runs = 0;
  return {
    ...bus,
    client,
    subscribe: async (options = {}) => {
      const runId = toRunId(new Date(), (runs += 1).toString(16).padStart(6, "0"));
      await admin.createSubscription("sqlfleet", toSubscriptionName(runId), {
        lockDuration: "PT30S",
        defaultRuleOptions: { name: "run", filter: { correlationId: runId } },
        ...options,
      });
      return runId;
    },
    send: async (runId, bodies) => {
      const sender = client.createSender("sqlfleet");
      for (let start = 0; start < bodies.length; start += 500) {
        const messages = bodies.slice(start, start + 500).map((body) => {
          const { session } = body as Partial<TargetMessage>;
          return { body, correlationId: runId, ...(session !== undefined && { sessionId: session }) };
        });
        await sender.sendMessages(messages);
      }
      await sender.close();
    },
    readDeadLetter: async (runId) => {
      const dead = client.createReceiver("sqlfleet", toSubscriptionName(runId), {
        subQueueType: "deadLetter",
      });
      const [message] = await dead.receiveMessages(1, { maxWaitTimeInMs: 2_000 });
      await dead.close();
      return message;
    },
    stop: async () => {
      await client.close();
      await bus.stop();
    },
  };
}

export function toMessage(runId: RunId, place: number, session?: string): TargetMessage {
  const databases = [{ default: "", override: `db${place}` }];
  const target = { id: toTargetId(place), server: session ?? "srv", databases };
  return { runId, bucket: 0, round: 1, target, ...(session !== undefined && { session }) };
}

/** `count` messages, their sessions in turn. */
export function toMessages(runId: RunId, count: number, sessions: readonly string[] = []): TargetMessage[] {
  return Array.from({ length: count }, (_, index) =>
    toMessage(runId, index + 1, sessions[index % sessions.length]),
  );
}

/** @param target keeps its slot until the message is settled */
export function handlers(
  target: (delivery: TargetDelivery) => Promise<void>,
): TargetHandlers & { readonly told: string[] } {
  const told: string[] = [];
  return {
    target: async (delivery) => {
      await target(delivery);
      return { done: Promise.resolve() };
    },
    told,
    poison: () => {
      told.push("poison");
      return Promise.resolve();
    },
    disturbed: () => told.push("disturbed"),
    gone: () => told.push("gone"),
  };
}
