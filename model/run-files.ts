import type { RunId, TargetId } from "./ids.ts";

/** Blob container of what a run leaves for people. */
export const runsContainer = "runs";
/** Blob container of what a run keeps for itself: apart, so that listing a run's files lists no records. */
export const stateContainer = "state";
/** Blob container of the uploaded packages. */
export const packagesContainer = "packages";

/** Paths in {@link runsContainer}: what people look for, under sbm's names. All of it may be listed and read. */
export const runFile = {
  logs: (runId: RunId): string => `${runId}/logs/`,
  log: (runId: RunId, server: string, database: string): string =>
    `${runId}/logs/${toFileName(server)}/${toFileName(database)}.log`,
  /** What a worker wrote on one of its outputs. Server and database names lead to `.log` files: these never meet. */
  workerOutput: (runId: RunId, round: number, { worker, name }: WorkerFile): string =>
    `${workersFolder(runId, round)}${toFileName(worker)}/${name}.txt`,
  /** Which outputs of a round's workers could not be collected, and why; absent when all could. */
  workersMissing: (runId: RunId, round: number): string => `${workersFolder(runId, round)}missing.txt`,
  commitsLog: (runId: RunId): string => `${runId}/commits.log`,
  errorsLog: (runId: RunId): string => `${runId}/errors.log`,
  successCfg: (runId: RunId): string => `${runId}/success.cfg`,
  failureCfg: (runId: RunId): string => `${runId}/failure.cfg`,
  summary: (runId: RunId): string => `${runId}/summary.json`,
};

/** Paths in {@link stateContainer}: what the run, its activities and its workers tell each other. */
export const stateFile = {
  plan: (runId: RunId): string => `${runId}/plan.json`,
  control: (runId: RunId): string => `${runId}/control.json`,
  targets: (runId: RunId, bucket: number): string => `${runId}/targets/${bucketName(bucket)}.json`,
  /** Why workers could not start. Among the results, because workers may write nowhere else. */
  startFailures: (runId: RunId): string => `${runId}/results/not-started/`,
  startFailure: (runId: RunId, workerId: string): string =>
    `${runId}/results/not-started/${toFileName(workerId)}.json`,
  results: (runId: RunId, bucket: number): string => `${runId}/results/${bucketName(bucket)}/`,
  result: (runId: RunId, bucket: number, targetId: TargetId): string =>
    `${runId}/results/${bucketName(bucket)}/${targetId}.json`,
};

/** Paths in {@link packagesContainer}. */
export const packageFile = {
  /** The bytes as they were uploaded. */
  upload: (sha256: string): string => `${sha256}/upload`,
  /** Manifest and texts, as workers read them. */
  content: (sha256: string): string => `${sha256}/content.json`,
  manifest: (sha256: string): string => `${sha256}/manifest.json`,
  names: "names/",
  name: (name: string): string => `names/${name}.json`,
};

interface WorkerFile {
  /** As the compute names it: unique within a round. */
  readonly worker: string;
  readonly name: string;
}

function workersFolder(runId: RunId, round: number): string {
  return `${runId}/logs/workers/round-${round}/`;
}

function bucketName(bucket: number): string {
  return String(bucket).padStart(2, "0");
}

/** A server or database name as one path segment: neither `host\sql` nor `..` may lead to another folder. */
function toFileName(name: string): string {
  if (/^\.+$/.test(name)) return name.replaceAll(".", "%2e");
  return name.replaceAll(
    /[^\w.\-,()@ ]/g,
    (character) => `%${character.charCodeAt(0).toString(16).padStart(2, "0")}`,
  );
}
