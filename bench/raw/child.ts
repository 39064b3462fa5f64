import pLimit from "p-limit";
import { runAsChild, tellParent } from "../../local/child-side.ts";
import { applyRaw, type RawLogin } from "./apply-raw.ts";

/** What the raw side's process is told. */
export interface RawJob {
  readonly slots: number;
  readonly logins: readonly RawLogin[];
  readonly batches: readonly string[];
}

/** What it answers: when each database was done, milliseconds since 1970; or why it could not. */
export type RawAnswer = { readonly ends: readonly number[] } | { readonly failed: string };

await runAsChild(() => {
  process.once("message", (job: RawJob) => {
    void work(job).then(tellParent, (error: unknown) => {
      tellParent({ failed: error instanceof Error ? error.message : String(error) } satisfies RawAnswer);
    });
  });
  return Promise.resolve({ payload: undefined, stop: () => Promise.resolve() });
});

async function work({ slots, logins, batches }: RawJob): Promise<RawAnswer> {
  const limit = pLimit(slots);
  const ends: number[] = [];
  await Promise.all(
    logins.map((login) =>
      limit(async () => {
        await applyRaw(login, batches);
        ends.push(Date.now());
      }),
    ),
  );
  return { ends };
}
