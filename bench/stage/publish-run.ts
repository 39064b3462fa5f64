import { randomBytes, randomUUID } from "node:crypto";
import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { root } from "../../local/root.ts";
import { type RunId, toRunId, toTargetId } from "../../model/ids.ts";
import type { TargetMessage } from "../../model/messages.ts";
import { toLooseScript } from "../../model/package/loose-script.ts";
import type { PackageContent, ScriptKind } from "../../model/package/manifest.ts";
import { toPackageContent } from "../../model/package/to-package-content.ts";
import { RunPlan } from "../../model/run-document.ts";
import { packageFile, packagesContainer, stateContainer, stateFile } from "../../model/run-files.ts";
import type { LoadedRun } from "../../worker/load-run.ts";
import type { Stage } from "./open-stage.ts";

/**
 * What is measured: the release of the demo, each time as a new one: no database has seen its scripts yet.
 * @param options.work milliseconds it works in each database besides: the demo's statements take the stand-in next to no time
 * @param options.kind "always" for runs that come to a database more than once
 */
export async function createRelease(
  slots: number,
  { work = 0, kind = "run-once" }: { readonly work?: number; readonly kind?: ScriptKind } = {},
): Promise<LoadedRun> {
  const folder = join(root, "examples", "release-42");
  const names = (await readdir(folder)).sort();
  const scripts = names.map(async (name) => ({
    ...toLooseScript(name, await readFile(join(folder, name), "utf8"), kind),
    scriptId: randomUUID(),
  }));
  const working = toLooseScript("work.sql", `WAITFOR DELAY '${toDelay(work)}';`, kind);
  const content: PackageContent = toPackageContent("zip", [
    ...(await Promise.all(scripts)),
    ...(work > 0 ? [{ ...working, scriptId: randomUUID() }] : []),
  ]);
  return { plan: toPlan(content, slots), content };
}

/** As `hh:mm:ss.fff`. */
function toDelay(milliseconds: number): string {
  return new Date(milliseconds).toISOString().slice(11, 23);
}

function toPlan({ manifest }: PackageContent, slots: number): RunPlan {
  return RunPlan.parse({
    package: { name: "release-42", sha256: manifest.sha256 },
    compute: { kind: "batch", nodes: 1 },
    concurrency: { type: "Count", limit: slots },
    mode: "commit",
    transaction: "package",
    retry: { attempts: 3 },
    auth: { kind: "Password" },
    description: "bench",
  });
}

/** A run as the orchestration leaves it to its workers: plan, package, subscription, one message a target. */
export async function publishRun(
  stage: Stage,
  { plan, content }: LoadedRun,
  targets: number,
): Promise<RunId> {
  const { files, topic } = stage.services;
  const runId = newRunId();
  await files.write(packagesContainer, packageFile.content(plan.package.sha256), JSON.stringify(content));
  await files.write(stateContainer, stateFile.plan(runId), JSON.stringify(plan));
  await topic.subscribe(runId);
  await topic.send(toMessages(stage, runId, targets));
  return runId;
}

export function newRunId(): RunId {
  return toRunId(new Date(), randomBytes(3).toString("hex"));
}

/** More targets than databases: they come round again, as targets of their own. */
export function toMessages({ databases }: Stage, runId: RunId, targets: number): readonly TargetMessage[] {
  return Array.from({ length: targets }, (_, index) => {
    const { server, name } = databases[index % databases.length] ?? { server: "", name: "" };
    const target = { id: toTargetId(index + 1), server, databases: [{ default: "client", override: name }] };
    return { runId, bucket: 0, round: 1, target };
  });
}
