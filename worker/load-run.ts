import pRetry from "p-retry";
import { Failure } from "../model/failures.ts";
import type { RunId } from "../model/ids.ts";
import { PackageContent } from "../model/package/manifest.ts";
import { packagesContainer, stateContainer, stateFile } from "../model/run-files.ts";
import { RunPlan } from "../model/run-document.ts";
import type { Files } from "../services/services.ts";

export interface LoadedRun {
  readonly plan: RunPlan;
  readonly content: PackageContent;
}

/** A node may be faster than its role assignment or its network: about a minute of patience. */
const patience = { retries: 5, minTimeout: 1_000, factor: 2, randomize: true, maxRetryTime: 60_000 } as const;

/** What a worker has to know of its run. @throws Failure UnknownRun, UnknownPackage, or that of the storage */
export async function loadRun(files: Files, runId: RunId): Promise<LoadedRun> {
  const plan = RunPlan.parse(await readJson(files, stateContainer, stateFile.plan(runId), "UnknownRun"));
  const path = `${plan.package.sha256}/content.json`;
  const content = PackageContent.parse(await readJson(files, packagesContainer, path, "UnknownPackage"));
  return { plan, content };
}

async function readJson(
  files: Files,
  container: string,
  path: string,
  code: "UnknownRun" | "UnknownPackage",
): Promise<unknown> {
  const bytes = await patiently(() => files.read(container, path));
  if (!bytes) throw new Failure(code, `${container}/${path} is not there.`);
  return JSON.parse(Buffer.from(bytes).toString("utf8")) as unknown;
}

/** Tries again on failures of the catalogue that may pass by themselves. */
export function patiently<T>(read: () => Promise<T>): Promise<T> {
  return pRetry(read, {
    ...patience,
    shouldRetry: ({ error }) =>
      error instanceof Failure && (error.code === "ServiceUnavailable" || error.code === "SecretForbidden"),
  });
}
