import { ServiceBusAdministrationClient, ServiceBusClient } from "@azure/service-bus";
import { afterAll } from "vitest";
import { systemClock } from "../../../local/part.ts";
import { startServiceBus } from "../../../local/service-bus/server.ts";
import {
  describeServiceBusDuplicates,
  describeServiceBusMessages,
} from "../../services/contract/service-bus.ts";
import { describeServiceBusAdministration } from "../../services/contract/service-bus-administration.ts";
import { describeServiceBusSessions } from "../../services/contract/service-bus-sessions.ts";
import type { ServiceBusSubject } from "../../services/contract/service-bus-subject.ts";
import { createTrustedCertificates } from "../trusted-certificates.ts";

const running = createTrustedCertificates().then((tls) =>
  startServiceBus({ tls, sharedAccessKey: "bG9jYWwga2V5", clock: systemClock }),
);
afterAll(async () => (await running).stop());

function toSubject(connectionString: string, shortestLock: string): ServiceBusSubject {
  return {
    connect: () => new ServiceBusClient(connectionString, { retryOptions: { maxRetries: 0 } }),
    administer: () => new ServiceBusAdministrationClient(connectionString),
    shortestLock,
  };
}

const suites = [
  describeServiceBusMessages,
  describeServiceBusDuplicates,
  describeServiceBusSessions,
  describeServiceBusAdministration,
];
for (const suite of suites)
  suite("stand-in", async () => toSubject((await running).connectionString, "PT1S"));

/** A namespace in Azure (standard tier), to see that the suites ask nothing that only the stand-in does. */
const azure = process.env["SQLFLEET_TEST_SERVICE_BUS"];
if (azure !== undefined) for (const suite of suites) suite("Azure", () => toSubject(azure, "PT5S"));
