import { type RunningEventHubs, startEventHubs } from "../../../local/event-hubs/server.ts";
import { systemClock } from "../../../local/part.ts";
import type { RunningServiceBus } from "../../../local/service-bus/server.ts";
import { toRunId } from "../../../model/ids.ts";
import type { EventSender } from "../../../services/event-hubs/send-events.ts";
import { createTrustedCertificates } from "../../local/trusted-certificates.ts";
import { engineProfile } from "../../support/engine-profile.ts";
import { startStandIns } from "../../support/stand-ins.ts";
import { type BenchRun, openRun, type RunOptions } from "./bench-run.ts";
import { type BlobFaults, createBlobFaults } from "./blob-faults.ts";
import { type SqlUnderTest, startSqlUnderTest } from "./sql-under-test.ts";

/** Everything a worker meets, for one test file: Service Bus, Event Hubs, Blob and SQL servers. */
export interface WorkerBench {
  readonly bus: RunningServiceBus;
  readonly hubs: RunningEventHubs;
  readonly blob: BlobFaults;
  /** As many as were asked for; a real SQL Server counts as one. */
  readonly servers: readonly SqlUnderTest[];
  /** The first of them. */
  readonly sql: SqlUnderTest;
  /** A run with its targets enqueued; the caller starts its workers. */
  newRun(options: RunOptions): Promise<BenchRun>;
  /** Takes every fault back. */
  calm(): void;
  stop(): Promise<void>;
}

export async function startWorkerBench({ sqlServers = 1 } = {}): Promise<WorkerBench> {
  // Each worker's log waits for the end of its process, and here many workers share one.
  process.setMaxListeners(0);
  await using undo = new AsyncDisposableStack();
  const own = <Part extends { stop(): Promise<void> }>(part: Part): Part => {
    undo.defer(() => part.stop());
    return part;
  };
  const blob = createBlobFaults();
  const standIns = own(await startStandIns({ storage: true, storageFronts: [blob.front], serviceBus: true }));
  const bus = standIns.serviceBus();
  const hubs = own(await openHubs());
  const sql = own(await startSqlUnderTest());
  const others = engineProfile.connectionString === undefined ? sqlServers - 1 : 0;
  const servers = [sql, ...(await Promise.all(Array.from({ length: others }, startSqlUnderTest))).map(own)];
  const senders: EventSender[] = [];
  // Not while they begin: the SDK throws from a timer when it is closed during its first handshake.
  undo.defer(async () => {
    await Promise.all(senders.map((sender) => sender.close(0)));
  });
  const services = standIns.newServices();
  let runs = 0;
  const everything = undo.move();
  return {
    ...{ bus, hubs, blob, servers, sql },
    newRun: (options) => {
      const runId = toRunId(new Date(), (runs += 1).toString(16).padStart(6, "0"));
      return openRun({ bus, hubs, sql, services, senders }, runId, options);
    },
    calm: () => {
      for (const { faults } of [bus, hubs]) faults.clear();
      blob.clear();
      for (const { standIn } of servers) standIn?.faults.clear();
    },
    stop: () => everything.disposeAsync(),
  };
}

async function openHubs(): Promise<RunningEventHubs> {
  return startEventHubs({
    tls: await createTrustedCertificates(),
    hubs: [{ name: "sqlfleet", partitions: 2 }],
    sharedAccessKey: "a-key",
    clock: systemClock,
  });
}
