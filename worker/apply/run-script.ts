import type { DatabaseJob } from "./attempt.ts";
import { type Effect, toAttemptFault } from "./attempt-fault.ts";
import type { PreparedScript } from "./prepare-package.ts";
import type { SqlSession } from "./sql/session.ts";
import type { LogRow } from "./statements/closing.ts";

/** A script that ran, and when, in milliseconds of the same clock. */
export interface RanScript {
  readonly script: PreparedScript;
  readonly startedAt: number;
  readonly endedAt: number;
}

/**
 * Sends a script's batches, one after the other, each as often as its `GO` says.
 * @param effect what is left of the script in the database when a batch fails
 * @throws AttemptFault naming the script and the line in its file
 */
export async function runScript(
  session: SqlSession,
  job: DatabaseJob,
  script: PreparedScript,
  effect: Effect,
): Promise<RanScript> {
  const { fileName } = script.manifest;
  const startedAt = performance.now();
  job.log.note(`Script ${script.manifest.order} ${fileName} (${script.batches.length} batches)`);
  for (const [index, batch] of script.batches.entries()) {
    for (let time = 1; time <= batch.count; time += 1) {
      const began = performance.now();
      try {
        await session.batch(batch.text, {
          sink: job.log.results,
          timeoutSeconds: script.timeoutSeconds,
          signal: job.signal,
        });
      } catch (error) {
        throw toAttemptFault(
          error,
          { database: job.login.database, script: fileName, line: batch.line },
          effect,
        );
      }
      job.log.note(`  batch ${index + 1}, line ${batch.line}: ${(performance.now() - began).toFixed(0)} ms`);
    }
  }
  return { script, startedAt, endedAt: performance.now() };
}

export function toLogRow({ script, startedAt, endedAt }: RanScript, now: number): LogRow {
  const { fileName, scriptId, legacySha1, order, tag } = script.manifest;
  return {
    fileName,
    scriptId,
    hash: legacySha1,
    sequence: order,
    text: script.text,
    tag,
    startedAgo: Math.round(now - startedAt),
    endedAgo: Math.round(now - endedAt),
  };
}
