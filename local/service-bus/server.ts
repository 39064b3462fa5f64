import { listenOnOnePort, type TlsIdentity } from "../amqp/one-port.ts";
import { AmqpServer } from "../amqp/server.ts";
import { type AcceptToken, sharedAccessKeyName, type TokenRules } from "../amqp/tokens.ts";
import type { Clock, RunningPart } from "../part.ts";
import { createAdminListener } from "./admin/listener.ts";
import { createFaults, createPendingFaults, type ServiceBusFaults } from "./faults.ts";
import { toDescription } from "./state/description.ts";
import { ServiceBusNamespace } from "./state/namespace.ts";
import { normalizeAddress } from "./state/addresses.ts";
import { sendMessage } from "./state/send.ts";
import { createServiceBusNode } from "./wire/node.ts";

export interface ServiceBusOptions {
  /** 0 = any free port. */
  readonly port?: number;
  /** Of the server, in PEM; its authority must be trusted by the clients. */
  readonly tls: TlsIdentity;
  readonly topics?: readonly TopicOptions[];
  readonly queues?: readonly QueueOptions[];
  /** The key of the policy `RootManageSharedAccessKey`. */
  readonly sharedAccessKey: string;
  readonly clock: Clock;
  readonly acceptToken?: AcceptToken;
}

/** Settings have the names and forms they have in the SDK's options; durations are ISO 8601 (`PT1M`). */
interface TopicOptions {
  readonly name: string;
  readonly requiresDuplicateDetection?: boolean;
  readonly duplicateDetectionHistoryTimeWindow?: string;
  readonly defaultMessageTimeToLive?: string;
}

interface QueueOptions extends TopicOptions {
  readonly lockDuration?: string;
  readonly maxDeliveryCount?: number;
  readonly requiresSession?: boolean;
  readonly deadLetteringOnMessageExpiration?: boolean;
}

export interface RunningServiceBus extends RunningPart {
  readonly faults: ServiceBusFaults;
  readonly port: number;
  /** `localhost:port`: what an SDK takes as the fully qualified namespace, with a token credential (TLS). */
  readonly address: string;
  /** For every client of `@azure/service-bus`: plain AMQP for messages, HTTPS for administration. */
  readonly connectionString: string;
  /** Paths of the subscriptions there are at this moment. */
  subscriptions(): readonly string[];
}

/** Starts a Service Bus namespace on 127.0.0.1: messaging and administration on one port. */
export async function startServiceBus(options: ServiceBusOptions): Promise<RunningServiceBus> {
  const { clock, acceptToken, sharedAccessKey } = options;
  const tokens: TokenRules = { sharedAccessKey, clock, acceptToken };
  const pending = createPendingFaults();
  const namespace = createNamespace(options);
  const send = (address: string, content: Parameters<typeof sendMessage>[2]): number =>
    sendMessage(namespace, address, content, clock.now());
  const server = new AmqpServer(createServiceBusNode({ namespace, clock, faults: pending, send }, tokens));
  const listening = await listenOnOnePort({
    port: options.port ?? 0,
    tls: options.tls,
    onAmqp: server.accept,
    onHttp: createAdminListener(namespace, tokens),
  });
  const address = `localhost:${listening.port}`;
  const connectionString =
    `Endpoint=sb://${address};SharedAccessKeyName=${sharedAccessKeyName};` +
    `SharedAccessKey=${sharedAccessKey};UseDevelopmentEmulator=true;`;
  return {
    env: { SERVICE_BUS_NAMESPACE: address },
    listening: [{ name: "Service Bus", address }],
    faults: createFaults(pending, namespace, (matches) => server.cut(matches)),
    port: listening.port,
    address,
    connectionString,
    subscriptions: () =>
      [...namespace.queues()].map(({ path }) => path).filter((path) => /\/subscriptions\//i.test(path)),
    stop: async () => {
      await listening.close();
      namespace.close();
    },
  };
}

function createNamespace({ clock, topics = [], queues = [] }: ServiceBusOptions): ServiceBusNamespace {
  const namespace: ServiceBusNamespace = new ServiceBusNamespace(clock, (to, content) => {
    const target = normalizeAddress(to);
    if (!namespace.entities.has(target)) return false;
    sendMessage(namespace, target, content, clock.now());
    return true;
  });
  for (const { name, ...settings } of topics) namespace.createTopic(name, toDescription(settings));
  for (const { name, ...settings } of queues) namespace.createQueue(name, toDescription(settings));
  return namespace;
}
