import { EventHubConsumerClient, EventHubProducerClient } from "@azure/event-hubs";
import { afterAll } from "vitest";
import { startEventHubs } from "../../../local/event-hubs/server.ts";
import { systemClock } from "../../../local/part.ts";
import { describeEventHubs, type EventHubsSubject } from "../../services/contract/event-hubs.ts";
import { createTrustedCertificates } from "../trusted-certificates.ts";

const hub = "contract";
const consumerGroup = "second";
const running = createTrustedCertificates().then((tls) =>
  startEventHubs({
    tls,
    hubs: [{ name: hub, partitions: 4, consumerGroups: [consumerGroup] }],
    sharedAccessKey: "bG9jYWwga2V5",
    clock: systemClock,
  }),
);
afterAll(async () => (await running).stop());

function toSubject(connectionString: string): EventHubsSubject {
  return {
    produce: () => new EventHubProducerClient(connectionString, hub, { retryOptions: { maxRetries: 0 } }),
    consume: (group) =>
      new EventHubConsumerClient(group, connectionString, hub, { retryOptions: { maxRetries: 0 } }),
    consumerGroup,
  };
}

describeEventHubs("stand-in", async () => toSubject((await running).connectionString));

/** A namespace in Azure with a hub `contract` and its consumer group `second`. */
const azure = process.env["SQLFLEET_TEST_EVENT_HUBS"];
if (azure !== undefined) describeEventHubs("Azure", () => toSubject(azure));
