import { ServiceBusAdministrationClient, ServiceBusClient } from "@azure/service-bus";
import { type RunningEventHubs, startEventHubs } from "../../../local/event-hubs/server.ts";
import { systemClock } from "../../../local/part.ts";
import { type RunningServiceBus, startServiceBus } from "../../../local/service-bus/server.ts";
import { toServerKey, toSessionId, toSlots } from "../../../model/concurrency.ts";
import { type RunId, toRunId, toSubscriptionName, toTargetId } from "../../../model/ids.ts";
import { EndedEvent, type RunControl, toMessageId } from "../../../model/messages.ts";
import { toLooseScript } from "../../../model/package/loose-script.ts";
import { toPackageContent } from "../../../model/package/to-package-content.ts";
import { planMessages } from "../../../model/plan-messages.ts";
import type { RunPlan } from "../../../model/run-document.ts";
import { stateContainer, stateFile } from "../../../model/run-files.ts";
import type { Target } from "../../../model/target.ts";
import { createEventSender } from "../../../services/event-hubs/send-events.ts";
import { createTargetReceiver } from "../../../services/service-bus/receive-targets.ts";
import { createWorkerLog } from "../../../worker/log.ts";
import { run } from "../../../worker/run.ts";
import type { Worker } from "../../../worker/worker.ts";
import { createTrustedCertificates } from "../../local/trusted-certificates.ts";
import { createMemoryFiles } from "./memory-files.ts";
import { runPlan } from "./run-plan.ts";
import { type SqlUnderTest, startSqlUnderTest } from "./sql-under-test.ts";

/** Several workers over several SQL servers; a real SQL Server counts as one. */
export interface WorkerFleet {
  readonly bus: RunningServiceBus;
  readonly servers: readonly SqlUnderTest[];
  newRun(options: RunOptions): Promise<FleetRun>;
  stop(): Promise<void>;
}

interface RunOptions {
  readonly concurrency: RunPlan["concurrency"];
  /** A new database for each of them. `as`: how the server is written. */
  readonly targets: readonly {
    readonly server: number;
    readonly tag?: string;
    readonly setup?: string;
    readonly as?: (server: string) => string;
  }[];
  /** What the script does between its first and its last moment. */
  readonly work: string;
}

/** The script's time in one database, by its server's clock, in milliseconds. */
export interface Span {
  readonly target: Target;
  readonly startedAt: number;
  readonly endedAt: number;
}

export interface FleetRun {
  readonly runId: RunId;
  readonly targets: readonly Target[];
  /** A worker as a node would have it; @returns its exit code. */
  startWorker(more?: Partial<Worker>): Promise<number>;
  order(order: RunControl["order"]): Promise<void>;
  outcomes(): readonly (EndedEvent | undefined)[];
  /** One for each time the script was committed. */
  spans(): Promise<readonly Span[]>;
}

const setup = "CREATE TABLE dbo.Span (StartedAt datetime2 NOT NULL, EndedAt datetime2 NOT NULL);";

export async function startWorkerFleet(): Promise<WorkerFleet> {
  const shared = { tls: await createTrustedCertificates(), sharedAccessKey: "a-key", clock: systemClock };
  const bus = await startServiceBus({ ...shared, topics: [{ name: "sqlfleet" }] });
  const hubs = await startEventHubs({ ...shared, hubs: [{ name: "sqlfleet", partitions: 2 }] });
  const count = process.env["SQLFLEET_TEST_SQL"] ? 1 : 3;
  const servers = await Promise.all(Array.from({ length: count }, startSqlUnderTest));
  let runs = 0;
  return {
    ...{ bus, servers },
    newRun: (options) => createRun({ bus, hubs, servers }, options, (runs += 1)),
    stop: async () => {
      for (const part of [...servers, hubs, bus]) await part.stop();
    },
  };
}

interface Parts {
  readonly bus: RunningServiceBus;
  readonly hubs: RunningEventHubs;
  readonly servers: readonly SqlUnderTest[];
}

async function createRun(parts: Parts, options: RunOptions, number: number): Promise<FleetRun> {
  const runId = toRunId(new Date(), number.toString(16).padStart(6, "0"));
  const serverOf = (place: number): SqlUnderTest =>
    parts.servers[options.targets[place]!.server % parts.servers.length]!;
  const targets = await createTargets(options, serverOf);
  await enqueue(parts.bus, runId, options.concurrency, targets);
  const files = createMemoryFiles();
  const text = `DECLARE @start datetime2 = SYSUTCDATETIME();\n${options.work}\nINSERT INTO dbo.Span VALUES (@start, SYSUTCDATETIME());`;
  const plan = runPlan({ concurrency: options.concurrency });
  const content = toPackageContent("zip", [toLooseScript("a.sql", text)]);
  let workers = 0;
  return {
    ...{ runId, targets },
    startWorker: (more = {}) => {
      const workerId = `worker-${(workers += 1)}`;
      const { perSession } = toSlots(plan.concurrency);
      return run({
        ...{ runId, workerId, files, run: { plan, content }, auth: parts.servers[0]!.auth },
        ...{ allowedServers: ["*"], idleSeconds: 2, graceSeconds: 1 },
        events: createEventSender(parts.hubs.connectionString, "sqlfleet", () => undefined),
        receiver: createTargetReceiver(parts.bus.connectionString, "sqlfleet", runId, perSession),
        log: createWorkerLog({ level: process.env["TEST_LOG_LEVEL"] ?? "silent", runId, workerId }),
        shutdown: new AbortController().signal,
        ...more,
      });
    },
    order: (order) => files.write(stateContainer, stateFile.control(runId), JSON.stringify({ order })),
    outcomes: () =>
      targets.map(({ id }) => {
        const record = files.textOf(stateContainer, stateFile.result(runId, 0, id));
        return record === undefined ? undefined : EndedEvent.parse(JSON.parse(record));
      }),
    spans: async () => {
      const spans = await Promise.all(targets.map((target, place) => readSpans(serverOf(place), target)));
      return spans.flat();
    },
  };
}

async function createTargets(
  { targets }: RunOptions,
  serverOf: (place: number) => SqlUnderTest,
): Promise<readonly Target[]> {
  const made: Target[] = [];
  for (const [place, { tag, setup: more = "", as = (server: string) => server }] of targets.entries()) {
    const sql = serverOf(place);
    const override = await sql.createDatabase(`${setup}\n${more}`);
    const databases = [{ default: "", override }];
    made.push({
      id: toTargetId(place + 1),
      server: as(sql.server),
      databases,
      ...(tag !== undefined && { tag }),
    });
  }
  return made;
}

async function enqueue(
  bus: RunningServiceBus,
  runId: RunId,
  concurrency: RunPlan["concurrency"],
  targets: readonly Target[],
): Promise<void> {
  const admin = new ServiceBusAdministrationClient(bus.connectionString);
  await admin.createSubscription("sqlfleet", toSubscriptionName(runId), {
    lockDuration: "PT30S",
    requiresSession: toSlots(concurrency).perSession !== undefined,
    defaultRuleOptions: { name: "run", filter: { correlationId: runId } },
  });
  const client = new ServiceBusClient(bus.connectionString);
  const sender = client.createSender("sqlfleet");
  await sender.sendMessages(
    planMessages({ runId, bucket: 0, round: 1, concurrency }, targets).map((body) => ({
      ...{ body, correlationId: runId, messageId: toMessageId(body) },
      ...(body.session !== undefined && { sessionId: body.session }),
    })),
  );
  await client.close();
}

async function readSpans(sql: SqlUnderTest, target: Target): Promise<readonly Span[]> {
  const rows = await sql.query(target.databases[0]!.override, "SELECT StartedAt, EndedAt FROM dbo.Span");
  return rows.map(({ StartedAt, EndedAt }) => ({
    target,
    startedAt: (StartedAt as Date).getTime(),
    endedAt: (EndedAt as Date).getTime(),
  }));
}

/** The most spans at one moment, by whose cap they count against. */
export function measureOverlap(
  spans: readonly Span[],
  concurrency: RunPlan["concurrency"],
): Readonly<Record<string, number>> {
  const most: Record<string, number> = {};
  for (const { target, startedAt } of spans) {
    const key = toSessionId(concurrency, target) ?? toServerKey(target.server);
    const together = spans.filter(
      (other) =>
        (toSessionId(concurrency, other.target) ?? toServerKey(other.target.server)) === key &&
        other.startedAt <= startedAt &&
        startedAt < other.endedAt,
    );
    most[key] = Math.max(most[key] ?? 0, together.length);
  }
  return most;
}
