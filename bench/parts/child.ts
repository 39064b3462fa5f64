import { runAsChild, tellParent } from "../../local/child-side.ts";
import type { TargetMessage } from "../../model/messages.ts";
import { parseSettings, WorkerSettings } from "../../model/settings.ts";
import { createFiles } from "../../services/blob/create-files.ts";
import { createAccess } from "../../services/create-access.ts";
import { createEventSender, type EventSender } from "../../services/event-hubs/send-events.ts";
import type { Files } from "../../services/services.ts";
import type { LoadedRun } from "../../worker/load-run.ts";
import { limitHeapGrowth } from "../../worker/limit-heap-growth.ts";
import { createWorkerLog } from "../../worker/log.ts";
import { run } from "../../worker/run.ts";
import { type Answer, createMeter } from "../measure/meter.ts";
import { createNoEvents, createNoFiles, createNoMessages } from "./nothing.ts";

/** Which services are real; the rest does nothing, at once. */
export interface PartsJob {
  readonly events: boolean;
  readonly files: boolean;
  readonly run: LoadedRun;
  readonly messages: readonly TargetMessage[];
}

await runAsChild(() => {
  process.once("message", (job: PartsJob) => {
    void work(job).then(tellParent, (error: unknown) => {
      tellParent({ failed: error instanceof Error ? error.message : String(error) });
    });
  });
  return Promise.resolve({ payload: undefined, stop: () => Promise.resolve() });
});

/** The worker's own `run`, with services taken away. */
async function work(job: PartsJob): Promise<Answer> {
  limitHeapGrowth();
  const settings = parseSettings(WorkerSettings, process.env);
  const { secrets } = createAccess(settings);
  const shutdown = new AbortController();
  const log = createWorkerLog({ level: "info", runId: settings.RUN_ID, workerId: "bench" });
  const meter = createMeter(job.messages.length);
  await run({
    runId: settings.RUN_ID,
    workerId: "bench",
    run: job.run,
    auth: {
      kind: "Password",
      userName: await secrets.read("UserName"),
      password: await secrets.read("Password"),
    },
    allowedServers: settings.SQL_SERVER_ALLOW_LIST,
    ...{ idleSeconds: 60, graceSeconds: 5 },
    ...(await openServices(job, settings)),
    receiver: createNoMessages(job.messages, () => {
      shutdown.abort();
    }),
    log: {
      ...log,
      targetEnded: (targetId, outcome) => {
        log.targetEnded(targetId, outcome);
        meter.tick();
      },
    },
    shutdown: shutdown.signal,
  });
  return meter.read();
}

async function openServices(
  job: PartsJob,
  settings: WorkerSettings,
): Promise<{ readonly files: Files; readonly events: EventSender }> {
  const access = createAccess(settings);
  return {
    files: job.files
      ? createFiles(access, { account: settings.STORAGE_ACCOUNT_NAME, url: settings.STORAGE_BLOB_URL })
      : createNoFiles(),
    events: job.events
      ? createEventSender(
          await access.secrets.read("EventHubConnectionString"),
          settings.EVENT_HUB,
          () => undefined,
        )
      : createNoEvents(),
  };
}
