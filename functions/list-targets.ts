import { app, type HttpRequest } from "@azure/functions";
import { Failure } from "../model/failures.ts";
import { readBucket } from "../activities/read-bucket.ts";
import type { TargetRecord } from "../model/progress.ts";
import type { Run } from "../model/run.ts";
import { TargetState, type Target } from "../model/target.ts";
import { runFile } from "../model/run-files.ts";
import { answer } from "./edge/answer.ts";
import { services } from "./edge/app-services.ts";
import { fromCursor, toCursor } from "./edge/cursor.ts";
import { readNamedRun } from "./edge/named-run.ts";

/** A page is one bucket of the run's list at most: up to 2,000 targets, fewer with a state asked for. */
app.http("listTargets", {
  methods: ["GET"],
  route: "runs/{runId}/targets",
  authLevel: "function",
  handler: answer(async (request) => {
    const state = parseState(request);
    const run = await readNamedRun(request, services);
    const bucket = parseBucket(request, run);
    const targets = await readPage(run, bucket, state);
    const next = bucket + 1 < run.buckets ? String(bucket + 1) : undefined;
    return { jsonBody: { targets, ...toCursor(next) } };
  }),
});

function parseState(request: HttpRequest): TargetState | undefined {
  const text = request.query.get("state");
  if (!text) return undefined;
  const state = TargetState.safeParse(text);
  if (state.success) return state.data;
  throw new Failure("InvalidRequest", `'${text}' is none of the states ${TargetState.options.join(", ")}.`);
}

function parseBucket(request: HttpRequest, run: Run): number {
  const bucket = Number(fromCursor(request) ?? 0);
  if (Number.isInteger(bucket) && bucket >= 0 && bucket < run.buckets) return bucket;
  throw new Failure("InvalidCursor", "The cursor is not one of this run's.");
}

async function readPage(
  run: Run,
  bucket: number,
  state: TargetState | undefined,
): Promise<readonly unknown[]> {
  const [targets, records] = await Promise.all([
    readBucket(services, run.id, bucket),
    services.progress.records(run.id, bucket),
  ]);
  const byId = new Map(records.map((record) => [record.targetId, record]));
  return targets
    .filter(({ id }) => state === undefined || (byId.get(id)?.state ?? "queued") === state)
    .map((target) => toTargetView(run, target, byId.get(target.id)));
}

function toTargetView(
  run: Run,
  target: Target,
  record: TargetRecord | undefined,
): Readonly<Record<string, unknown>> {
  const { id, server, tag } = target;
  const outcomes = new Map(record?.databases?.map(({ name, state }) => [name, state]));
  const databases = target.databases.map(({ default: name, override }) => ({
    default: name,
    override,
    state: outcomes.get(override),
    log: runFile.log(run.id, server, override).slice(run.id.length + 1),
  }));
  if (!record) return { id, server, databases, tag, state: "queued", attempts: 0 };
  const { state, attempts, workerId, startedAt, endedAt, error } = record;
  const durationSeconds =
    startedAt && endedAt ? (Date.parse(endedAt) - Date.parse(startedAt)) / 1_000 : undefined;
  return {
    id,
    server,
    databases,
    tag,
    state,
    attempts,
    worker: workerId,
    startedAt,
    endedAt,
    durationSeconds,
    error,
  };
}
