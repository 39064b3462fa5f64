import { listenOnOnePort, type TlsIdentity } from "../amqp/one-port.ts";
import { AmqpServer } from "../amqp/server.ts";
import { type AcceptToken, sharedAccessKeyName, type TokenRules } from "../amqp/tokens.ts";
import type { Clock, RunningPart } from "../part.ts";
import { createFaults, createPendingFaults, type EventHubsFaults } from "./faults.ts";
import { createHub, type HubOptions } from "./state/hub.ts";
import { createEventHubsNode } from "./wire/node.ts";

export interface EventHubsOptions {
  /** 0 = any free port. */
  readonly port?: number;
  /** Of the server, in PEM; its authority must be trusted by the clients. */
  readonly tls: TlsIdentity;
  readonly hubs: readonly HubOptions[];
  /** The key of the policy `RootManageSharedAccessKey`. */
  readonly sharedAccessKey: string;
  readonly clock: Clock;
  readonly acceptToken?: AcceptToken;
}

export interface RunningEventHubs extends RunningPart {
  readonly faults: EventHubsFaults;
  readonly port: number;
  /** `localhost:port`: what an SDK takes as the fully qualified namespace, with a token credential (TLS). */
  readonly address: string;
  /** For every client of `@azure/event-hubs` (plain AMQP). */
  readonly connectionString: string;
}

/** Starts an Event Hubs namespace on 127.0.0.1. */
export async function startEventHubs(options: EventHubsOptions): Promise<RunningEventHubs> {
  const { clock, acceptToken, sharedAccessKey } = options;
  const tokens: TokenRules = { sharedAccessKey, clock, acceptToken };
  const pending = createPendingFaults();
  const hubs = new Map(options.hubs.map((hub) => [hub.name.toLowerCase(), createHub(hub, clock.now())]));
  const server = new AmqpServer(createEventHubsNode({ hubs, clock, faults: pending }, tokens));
  const listening = await listenOnOnePort({
    port: options.port ?? 0,
    tls: options.tls,
    onAmqp: server.accept,
    onHttp: (_request, response) => {
      response
        .writeHead(501)
        .end("Hubs are made when the namespace starts; there is no administration here.");
    },
  });
  const address = `localhost:${listening.port}`;
  const connectionString =
    `Endpoint=sb://${address};SharedAccessKeyName=${sharedAccessKeyName};` +
    `SharedAccessKey=${sharedAccessKey};UseDevelopmentEmulator=true;`;
  return {
    env: { EVENT_HUBS_NAMESPACE: address },
    listening: [{ name: "Event Hubs", address }],
    faults: createFaults(pending, (matches) => server.cut(matches)),
    port: listening.port,
    address,
    connectionString,
    stop: () => listening.close(),
  };
}
