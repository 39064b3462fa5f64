import { Readable } from "node:stream";
import type { Activities } from "../model/activities.ts";
import type { FailureReport } from "../model/failures.ts";
import { addCounts, type TargetRecord } from "../model/progress.ts";
import type { Run } from "../model/run.ts";
import { runFile, runsContainer } from "../model/run-files.ts";
import { isSuccess, type Target } from "../model/target.ts";
import { formatCfg } from "../model/targets/format-cfg.ts";
import type { Services } from "../services/services.ts";
import { planEnd } from "./finish-run.ts";
import { readBucket } from "./read-bucket.ts";
import { readRun } from "./read-run.ts";

interface Line {
  readonly target: Target;
  readonly record: TargetRecord | undefined;
}

/**
 * The consolidated files, under sbm's names. Each is written as a stream, a bucket at a time: five passes over
 * the buckets cost less than holding 100,000 targets.
 */
export async function collectLogs(
  services: Services,
  { runId, failure }: Parameters<Activities["collectLogs"]>[0],
): Promise<void> {
  const run = await readRun(services, runId);
  const write = (path: string, toText: (line: Line) => string): Promise<void> =>
    services.files.writeStream(runsContainer, path, Readable.from(toChunks(services, run, toText)));

  await write(runFile.commitsLog(runId), toCommitsLine);
  await write(runFile.errorsLog(runId), toErrorsLine);
  await write(runFile.successCfg(runId), (line) => (succeeded(line) ? formatCfg([line.target]) : ""));
  await write(runFile.failureCfg(runId), (line) => (succeeded(line) ? "" : formatCfg([line.target])));
  await services.files.write(runsContainer, runFile.summary(runId), await toSummary(services, run, failure));
}

async function* toChunks(
  services: Services,
  run: Run,
  toText: (line: Line) => string,
): AsyncGenerator<string> {
  for (let bucket = 0; bucket < run.buckets; bucket += 1) {
    const targets = await readBucket(services, run.id, bucket);
    const records = await services.progress.records(run.id, bucket);
    const byId = new Map(records.map((record) => [record.targetId, record]));
    yield targets.map((target) => toText({ target, record: byId.get(target.id) })).join("");
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
    ...{ package: plan.package, targets, counts, createdAt, startedAt, failure },
  };
  return JSON.stringify(summary, undefined, 2);
}
