import { ServiceBusAdministrationClient } from "@azure/service-bus";
import type { RunningEventHubs } from "../../../local/event-hubs/server.ts";
import type { RunningServiceBus } from "../../../local/service-bus/server.ts";
import { toSlots } from "../../../model/concurrency.ts";
import { type RunId, type TargetId, toSubscriptionName, toTargetId } from "../../../model/ids.ts";
import { EndedEvent, type RunControl } from "../../../model/messages.ts";
import type { PackageContent } from "../../../model/package/manifest.ts";
import { planMessages } from "../../../model/plan-messages.ts";
import type { RunPlan } from "../../../model/run-document.ts";
import { runFile, runsContainer, stateContainer, stateFile } from "../../../model/run-files.ts";
import type { Target } from "../../../model/target.ts";
import { createEventSender, type EventSender } from "../../../services/event-hubs/send-events.ts";
import { createTargetReceiver } from "../../../services/service-bus/receive-targets.ts";
import type { Services } from "../../../services/services.ts";
import type { ExitCode } from "../../../worker/exit-code.ts";
import { createWorkerLog } from "../../../worker/log.ts";
import { run } from "../../../worker/run.ts";
import type { Worker } from "../../../worker/worker.ts";
import { runPlan } from "./run-plan.ts";
import type { SqlUnderTest } from "./sql-under-test.ts";

export interface RunOptions {
  readonly content: PackageContent;
  /** Their ids are their places, from 1. */
  readonly targets: readonly Omit<Target, "id">[];
  readonly plan?: Partial<RunPlan>;
  /** Of the subscription, ISO 8601; the product's own if absent. For runs without sessions. */
  readonly lockDuration?: string;
}

export interface BenchRun {
  readonly runId: RunId;
  readonly targets: readonly Target[];
  /** The subscription, as faults name it. */
  readonly entity: string;
  newWorker(more?: Partial<Worker>): Worker;
  /** A worker from its start to its end, as a node would have it. */
  startWorker(more?: Partial<Worker>): Promise<ExitCode>;
  order(order: RunControl["order"]): Promise<void>;
  /** What was recorded of each target, in their order; undefined where nothing was. */
  readRecords(): Promise<readonly (EndedEvent | undefined)[]>;
  readRecord(id: TargetId): Promise<EndedEvent | undefined>;
  countRecords(): Promise<number>;
  /** "" when there is none. */
  readLog(server: string, database: string): Promise<string>;
  /** Messages not completed yet. */
  countMessages(): Promise<number>;
}

interface Surroundings {
  readonly bus: RunningServiceBus;
  readonly hubs: RunningEventHubs;
  readonly sql: SqlUnderTest;
  readonly services: Services;
  /** Those of all workers: who ends them all closes them. */
  readonly senders: EventSender[];
}

const topic = "sqlfleet";

/** Makes the run's subscription, and enqueues its targets as the product does. */
export async function openRun(around: Surroundings, runId: RunId, options: RunOptions): Promise<BenchRun> {
  const { files, topic: queue } = around.services;
  const plan = toPlan(around.sql, options);
  const targets = options.targets.map((target, index) => ({ ...target, id: toTargetId(index + 1) }));
  await enqueue(around, { runId, plan, targets, lockDuration: options.lockDuration });
  const newWorker = createWorkers(around, { runId, plan, content: options.content });
  const readText = async (container: string, path: string): Promise<string | undefined> => {
    const bytes = await files.read(container, path);
    return bytes && Buffer.from(bytes).toString("utf8");
  };
  const readRecord = async (id: TargetId): Promise<EndedEvent | undefined> => {
    const text = await readText(stateContainer, stateFile.result(runId, 0, id));
    return text === undefined ? undefined : EndedEvent.parse(JSON.parse(text));
  };
  return {
    ...{ runId, targets, newWorker, readRecord },
    entity: `${topic}/subscriptions/${toSubscriptionName(runId)}`,
    startWorker: (more) => run(newWorker(more)),
    order: (order) => files.write(stateContainer, stateFile.control(runId), JSON.stringify({ order })),
    readRecords: () => Promise.all(targets.map(({ id }) => readRecord(id))),
    countRecords: async () => (await files.list(stateContainer, stateFile.results(runId, 0))).files.length,
    readLog: async (server, database) =>
      (await readText(runsContainer, runFile.log(runId, server, database))) ?? "",
    countMessages: () => queue.waiting(runId),
  };
}

function toPlan({ connection }: SqlUnderTest, { plan }: RunOptions): RunPlan {
  return runPlan({ connection, ...plan });
}

interface Enqueued {
  readonly runId: RunId;
  readonly plan: RunPlan;
  readonly targets: readonly Target[];
  readonly lockDuration: string | undefined;
}

async function enqueue(
  { bus, services }: Surroundings,
  { runId, plan: { concurrency }, targets, lockDuration }: Enqueued,
): Promise<void> {
  const sessions = toSlots(concurrency).perSession !== undefined;
  if (lockDuration === undefined) await services.topic.subscribe(runId, { sessions });
  else {
    const admin = new ServiceBusAdministrationClient(bus.connectionString);
    await admin.createSubscription(topic, toSubscriptionName(runId), {
      lockDuration,
      defaultRuleOptions: { name: "run", filter: { correlationId: runId } },
    });
  }
  await services.topic.send(planMessages({ runId, bucket: 0, round: 1, concurrency }, targets));
}

type RunOfWorkers = Pick<Worker, "runId"> & Worker["run"];

function createWorkers(
  { bus, hubs, sql, services, senders }: Surroundings,
  { runId, ...run }: RunOfWorkers,
): (more?: Partial<Worker>) => Worker {
  const { perSession } = toSlots(run.plan.concurrency);
  let workers = 0;
  return (more = {}) => {
    const workerId = `worker-${(workers += 1)}`;
    const events = createEventSender(hubs.connectionString, topic, () => undefined);
    senders.push(events);
    return {
      ...{ runId, workerId, run, events },
      auth: sql.auth,
      allowedServers: ["*"],
      idleSeconds: 1,
      graceSeconds: 1,
      files: services.files,
      receiver: createTargetReceiver(bus.connectionString, topic, runId, perSession),
      log: createWorkerLog({ level: process.env["TEST_LOG_LEVEL"] ?? "silent", runId, workerId }),
      shutdown: new AbortController().signal,
      ...more,
    };
  };
}
