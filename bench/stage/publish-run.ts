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
 * @param options.work milliseconds it works in a database besides, on average: the demo's statements take the stand-in next to no time
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
  const working = toLooseScript("work.sql", toWork(work), kind);
  const content: PackageContent = toPackageContent("zip", [
    ...(await Promise.all(scripts)),
    ...(work > 0 ? [{ ...working, scriptId: randomUUID() }] : []),
  ]);
  return { plan: toPlan(content, slots), content };
}

/** From half to one and a half of it, by the database's name: equal times would have all slots end at once, again and again. */
function toWork(milliseconds: number): string {
  return [
    "DECLARE @percent int = 50 + ABS(CHECKSUM(DB_NAME())) % 101;",
    `DECLARE @delay datetime = DATEADD(millisecond, ${milliseconds} * @percent / 100, 0);`,
    "WAITFOR DELAY @delay;",
  ].join("\n");
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
