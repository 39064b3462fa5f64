import { randomBytes } from "node:crypto";
import type { AcceptToken, Right } from "../amqp/tokens.ts";
import { startEventHubs, type RunningEventHubs } from "../event-hubs/server.ts";
import type { RunningIdentity } from "../identity/server.ts";
import { systemClock } from "../part.ts";
import { startServiceBus, type RunningServiceBus } from "../service-bus/server.ts";
import type { Identities, LocalIdentityFacts } from "./identities.ts";
import type { Tls } from "./options.ts";

export const [topic, hub] = ["sqlfleet", "sqlfleet"];

export function startMessaging(
  identity: RunningIdentity,
  identities: Identities,
  tls: Tls,
): Promise<RunningServiceBus> {
  return startServiceBus({
    tls,
    topics: [{ name: topic, requiresDuplicateDetection: true }],
    sharedAccessKey: randomBytes(32).toString("base64"),
    clock: systemClock,
    acceptToken: toAcceptToken(identity, "https://servicebus.azure.net", [
      // Azure Service Bus Data Owner: it makes subscriptions. Data Receiver: it may not.
      [identities.functionApp, ["manage", "send", "listen"]],
      [identities.worker, ["listen"]],
    ]),
  });
}

export function startEvents(
  identity: RunningIdentity,
  identities: Identities,
  tls: Tls,
): Promise<RunningEventHubs> {
  return startEventHubs({
    tls,
    hubs: [{ name: hub, partitions: 4 }],
    sharedAccessKey: randomBytes(32).toString("base64"),
    clock: systemClock,
    acceptToken: toAcceptToken(identity, "https://eventhubs.azure.net", [
      // Azure Event Hubs Data Receiver and Data Sender.
      [identities.functionApp, ["listen"]],
      [identities.worker, ["send"]],
    ]),
  });
}

/** Role assignments: who is unknown here is refused, whoever signed the token. */
function toAcceptToken(
  { verifyToken }: RunningIdentity,
  audience: string,
  roles: readonly (readonly [LocalIdentityFacts, readonly Right[]])[],
): AcceptToken {
  return (jwt) => {
    const claims = verifyToken(jwt, { audience });
    return roles.find(([{ clientId }]) => clientId === claims?.appid)?.[1] ?? false;
  };
}
