import pLimit from "p-limit";
import { runAsChild, tellParent } from "../../local/child-side.ts";
import { type Answer, createMeter } from "../measure/meter.ts";
import { TlsSessions } from "../../worker/apply/sql/tls/tls-sessions.ts";
import { applyRaw, type RawLogin } from "./apply-raw.ts";

/** What the raw side's process is told. */
export interface RawJob {
  readonly slots: number;
  readonly logins: readonly RawLogin[];
  readonly batches: readonly string[];
  readonly resume: boolean;
}

await runAsChild(() => {
  process.once("message", (job: RawJob) => {
    void work(job).then(tellParent, (error: unknown) => {
      tellParent({ failed: error instanceof Error ? error.message : String(error) });
    });
  });
  return Promise.resolve({ payload: undefined, stop: () => Promise.resolve() });
});

async function work({ slots, logins, batches, resume }: RawJob): Promise<Answer> {
  const limit = pLimit(slots);
  const sessions = resume ? new TlsSessions() : undefined;
  const meter = createMeter(logins.length);
  await Promise.all(
    logins.map((login) =>
      limit(async () => {
        await applyRaw(login, batches, sessions);
        meter.tick();
      }),
    ),
  );
  return meter.read();
}
