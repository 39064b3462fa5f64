import { toRunId, toTargetId } from "../../../model/ids.ts";
import { toLooseScript } from "../../../model/package/loose-script.ts";
import type { ScriptManifest } from "../../../model/package/manifest.ts";
import { toPackageContent } from "../../../model/package/to-package-content.ts";
import type { RunPlan } from "../../../model/run-document.ts";
import type { TargetOutcome } from "../../../model/target.ts";
import { applyTarget, type ApplyContext } from "../../../worker/apply/apply-target.ts";
import { createConnect } from "../../../worker/apply/sql/connect.ts";
import { preparePackage } from "../../../worker/apply/prepare-package.ts";
import { runPlan } from "./run-plan.ts";
import type { SqlUnderTest } from "./sql-under-test.ts";

type ScriptFacts = Partial<ScriptManifest> & { readonly text: string };

export interface Applied {
  readonly outcome: TargetOutcome;
  /** Lines of all logs. */
  readonly log: readonly string[];
}

interface Options {
  readonly databases: readonly string[];
  readonly scripts: readonly ScriptFacts[];
  readonly plan?: Partial<RunPlan>;
  /** Same number, same run. */
  readonly run?: number;
  readonly signal?: AbortSignal;
  readonly mayCommit?: () => boolean;
  readonly context?: Partial<ApplyContext>;
}

const connect = createConnect();
let runs = 0;
export const newRun = (): number => (runs += 1);

/** Applies a package made of these scripts; each database is known to them by its place: `d1`, `d2`, … */
export async function apply(sql: SqlUnderTest, options: Options): Promise<Applied> {
  const plan = runPlan({ retry: { attempts: 3 }, connection: sql.connection, ...options.plan });
  const content = toPackageContent(
    "zip",
    options.scripts.map(({ text, ...facts }, index) => ({
      ...toLooseScript(`script${index + 1}.sql`, text),
      ...facts,
    })),
  );
  const log: string[] = [];
  const outcome = await applyTarget(
    {
      runId: toRunId(new Date(0), (options.run ?? newRun()).toString(16).padStart(6, "0")),
      workerId: "worker",
      plan,
      manifest: content.manifest,
      scripts: preparePackage(content, plan),
      auth: sql.auth,
      allowedServers: ["*"],
      lockTimeout: 500,
      connect,
      ...options.context,
    },
    {
      target: {
        id: toTargetId(1),
        server: sql.server,
        databases: options.databases.map((override, index) => ({ default: `d${index + 1}`, override })),
      },
      earlierTries: 0,
      mayCommit: options.mayCommit ?? (() => true),
      confirm: () => Promise.resolve(true),
      signal: options.signal ?? new AbortController().signal,
      logFor: () => ({
        note: (text) => log.push(text),
        results: {
          columns: (names) => log.push(names.join("|")),
          row: (values) => log.push(values.map(String).join("|")),
          rowsAffected: (rows) => log.push(`${rows} rows`),
          message: (text) => log.push(text),
        },
      }),
    },
  );
  return { outcome, log };
}
