import type { EventSender } from "../../../services/event-hubs/send-events.ts";
import type { TargetDelivery, TargetReceiver } from "../../../services/service-bus/target-receiver.ts";
import type { Files } from "../../../services/services.ts";
import type { ApplyContext } from "../../../worker/apply/apply-target.ts";
import { createConnect } from "../../../worker/apply/sql/connect.ts";
import type { SqlSession } from "../../../worker/apply/sql/session.ts";
import { run } from "../../../worker/run.ts";
import type { Worker } from "../../../worker/worker.ts";
import type { Crash } from "./crash.ts";

export interface CrashingWorker {
  /** Tells a living worker to end, as the machine would; it finishes what it has in hand. */
  stop(): Promise<unknown>;
  /** What the operating system does for a dead process: closes its connections. */
  bury(): Promise<void>;
}

/** A worker with real services, each of whose calls goes through the crash. */
export function startCrashingWorker(worker: Worker, crash: Crash): CrashingWorker {
  const connect = createConnect();
  const sessions: SqlSession[] = [];
  const death = new AbortController();
  const grave = Promise.withResolvers<undefined>();
  const wrapped: Worker & Pick<ApplyContext, "connect" | "lockTimeout"> = {
    ...worker,
    files: throughFiles(worker.files, crash),
    events: throughEvents(worker.events, crash),
    receiver: throughReceiver(worker.receiver, crash, grave.promise),
    shutdown: AbortSignal.any([worker.shutdown, death.signal]),
    lockTimeout: 3_000,
    connect: (login) =>
      crash.pass("connect", async () => {
        const session = await connect(login);
        sessions.push(session);
        return throughSession(session, crash);
      }),
  };
  const ended = run(wrapped);
  return {
    stop: () => {
      death.abort();
      return ended;
    },
    bury: async () => {
      await Promise.all([
        ...sessions.map((session) => session.close()),
        worker.receiver.close().catch(() => undefined),
      ]);
      // Its timers would go on in this process: those of its locks, and its own.
      grave.resolve(undefined);
      death.abort();
    },
  };
}

function throughFiles(files: Files, crash: Crash): Files {
  return {
    read: (...args) => crash.pass("files.read", () => files.read(...args)),
    open: (...args) => crash.pass("files.open", () => files.open(...args)),
    write: (...args) => crash.pass(`files.write ${toKind(args[1])}`, () => files.write(...args)),
    writeOver: (...args) => crash.pass(`files.writeOver ${toKind(args[1])}`, () => files.writeOver(...args)),
    writeStream: (...args) =>
      crash.pass(`files.writeStream ${toKind(args[1])}`, () => files.writeStream(...args)),
    list: (...args) => crash.pass("files.list", () => files.list(...args)),
    readChanged: (...args) => {
      const call = () => files.readChanged(...args);
      // The run's order is read once a second, beside the work.
      return args[1].endsWith("control.json")
        ? crash.passUncounted(call)
        : crash.pass("files.readChanged", call);
    },
  };
}

/** `result` or `log`: the path's third part is the folder of the run's files. */
function toKind(path: string): string {
  return path.split("/")[1] ?? path;
}

function throughSession(session: SqlSession, crash: Crash): SqlSession {
  return {
    batch: (text, options) => crash.pass(`sql ${toWords(text)}`, () => session.batch(text, options)),
    close: () => crash.pass("sql close", () => session.close()),
  };
}

const stages = [
  "COMMIT TRANSACTION",
  "ROLLBACK TRANSACTION",
  "sp_getapplock",
  "CREATE TABLE dbo.SqlFleet_Journal",
];

function toWords(text: string): string {
  return stages.find((stage) => text.includes(stage)) ?? text.slice(0, 40);
}

function throughReceiver(receiver: TargetReceiver, crash: Crash, grave: Promise<undefined>): TargetReceiver {
  const buried = grave.then(() => ({ done: Promise.resolve() }));
  return {
    start: (slots, handlers) => {
      receiver.start(slots, {
        ...handlers,
        target: (delivery) => {
          const rest = handlers.target(throughDelivery(delivery, crash)).then(({ done }) => ({
            done: Promise.race([done, grave]),
          }));
          return Promise.race([rest, buried]);
        },
      });
    },
    stop: () => crash.passUncounted(() => receiver.stop()),
    close: () => crash.passUncounted(() => receiver.close()),
  };
}

function throughDelivery(delivery: TargetDelivery, crash: Crash): TargetDelivery {
  return {
    ...delivery,
    confirm: () => crash.pass("message.confirm", () => delivery.confirm()),
    complete: () => crash.pass("message.complete", () => delivery.complete()),
    abandon: () => crash.pass("message.abandon", () => delivery.abandon()),
    giveBack: () => crash.pass("message.giveBack", () => delivery.giveBack()),
  };
}

function throughEvents(events: EventSender, crash: Crash): EventSender {
  return {
    send: (event) => {
      void crash.pass(`event ${event.type}`, () => {
        events.send(event);
      });
    },
    close: (milliseconds) => crash.passUncounted(() => events.close(milliseconds)),
  };
}
