import type { Activities } from "../model/activities.ts";
import type { FailureReport } from "../model/failures.ts";
import { addCounts, type TargetRecord } from "../model/progress.ts";
import type { Run } from "../model/run.ts";
import { runFile, runsContainer } from "../model/run-files.ts";
import { isSuccess, type Target } from "../model/target.ts";
import { formatCfg } from "../model/targets/format-cfg.ts";
import { toWorkersView } from "../model/workers.ts";
import type { Services } from "../services/services.ts";
import { planEnd } from "./finish-run.ts";
import { readBucket } from "./read-bucket.ts";
import { readRun } from "./read-run.ts";
import { type LineFile, writeSideBySide } from "./write-side-by-side.ts";

interface Line {
  readonly target: Target;
  readonly record: TargetRecord | undefined;
}

/** The consolidated files, under sbm's names, in one pass: a bucket at a time, because 100,000 targets are too many to hold. */
export async function collectLogs(
  services: Services,
  { runId, failure }: Parameters<Activities["collectLogs"]>[0],
): Promise<void> {
  const run = await readRun(services, runId);
  const toCfg = ({ target }: Line): string => formatCfg([target]);
  const files: readonly LineFile<Line>[] = [
    { path: runFile.commitsLog(runId), toText: toCommitsLine },
    { path: runFile.errorsLog(runId), toText: toErrorsLine },
    { path: runFile.successCfg(runId), toText: (line) => (succeeded(line) ? toCfg(line) : "") },
    { path: runFile.failureCfg(runId), toText: (line) => (succeeded(line) ? "" : toCfg(line)) },
  ];
  await writeSideBySide(services, files, readLines(services, run));
  await services.files.write(runsContainer, runFile.summary(runId), await toSummary(services, run, failure));
}

/** A bucket's lines at a time, in the caller's order. */
async function* readLines(services: Services, run: Run): AsyncGenerator<readonly Line[]> {
  for (let bucket = 0; bucket < run.buckets; bucket += 1) {
    const targets = await readBucket(services, run.id, bucket);
    const records = await services.progress.records(run.id, bucket);
    const byId = new Map(records.map((record) => [record.targetId, record]));
    yield targets.map((target) => ({ target, record: byId.get(target.id) }));
  }
}

function succeeded({ record }: Line): boolean {
  return record !== undefined && isSuccess(record.state);
}

function toCommitsLine({ target, record }: Line): string {
  return (record?.databases ?? [])
    .filter(({ state }) => isSuccess(state))
    .map(({ name, state }) => `${record?.endedAt ?? ""}\t${target.server}\t${name}\t${state}\n`)
    .join("");
}

function toErrorsLine(line: Line): string {
  if (succeeded(line)) return "";
  const { target, record } = line;
  const names = target.databases.map(({ override }) => override).join(",");
  const columns = [record?.endedAt ?? "", target.server, names, record?.state ?? "queued"];
  return `${[...columns, ...toErrorColumns(record)].join("\t")}\n`;
}

/** Code with SQL Server's number, place in the package, text on one line. */
function toErrorColumns(record: TargetRecord | undefined): readonly string[] {
  const error = record?.error;
  if (!error) return ["", "", ""];
  const code = error.number === undefined ? error.code : `${error.code} (SQL ${error.number})`;
  const place = error.line === undefined ? error.script : `${error.script ?? ""} line ${error.line}`;
  return [code, place ?? "", error.message.replaceAll(/\s+/g, " ")];
}

async function toSummary(services: Services, run: Run, failure: FailureReport | undefined): Promise<string> {
  const counts = addCounts(await services.progress.summaries(run.id, run.buckets));
  const { id, plan, targets, createdAt, startedAt } = run;
  const summary = {
    runId: id,
    state: planEnd(run, counts, failure),
    ...{ package: plan.package, targets, counts, workers: toWorkersView(run.lostWorkers) },
    ...{ createdAt, startedAt, failure },
  };
  return JSON.stringify(summary, undefined, 2);
}
