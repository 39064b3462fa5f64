import { Failure } from "../model/failures.ts";
import type { RunId } from "../model/ids.ts";
import { PackageContent } from "../model/package/manifest.ts";
import { packagesContainer, stateContainer, stateFile } from "../model/run-files.ts";
import { RunPlan } from "../model/run-document.ts";
import { type Patience, patiently } from "../services/patiently.ts";
import type { Files } from "../services/services.ts";

export interface LoadedRun {
  readonly plan: RunPlan;
  readonly content: PackageContent;
}

/** What a worker has to know of its run. @throws Failure UnknownRun, UnknownPackage, or that of the storage */
export async function loadRun(files: Files, runId: RunId, patience: Patience): Promise<LoadedRun> {
  const read = { files, patience };
  const plan = RunPlan.parse(await readJson(read, stateContainer, stateFile.plan(runId), "UnknownRun"));
  const path = `${plan.package.sha256}/content.json`;
  const content = PackageContent.parse(await readJson(read, packagesContainer, path, "UnknownPackage"));
  return { plan, content };
}

async function readJson(
  { files, patience }: { readonly files: Files; readonly patience: Patience },
  container: string,
  path: string,
  code: "UnknownRun" | "UnknownPackage",
): Promise<unknown> {
  const bytes = await patiently(() => files.read(container, path), patience);
  if (!bytes) throw new Failure(code, `${container}/${path} is not there.`);
  return JSON.parse(Buffer.from(bytes).toString("utf8")) as unknown;
}
