import { randomBytes, randomUUID } from "node:crypto";
import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { root } from "../../local/root.ts";
import { type RunId, toRunId, toTargetId } from "../../model/ids.ts";
import { toLooseScript } from "../../model/package/loose-script.ts";
import type { PackageContent } from "../../model/package/manifest.ts";
import { toPackageContent } from "../../model/package/to-package-content.ts";
import { RunPlan } from "../../model/run-document.ts";
import { packageFile, packagesContainer, stateContainer, stateFile } from "../../model/run-files.ts";
import type { LoadedRun } from "../../worker/load-run.ts";
import type { Stage } from "./open-stage.ts";

/** What is measured: the release of the demo, each time as a new one: no database has seen its scripts yet. */
export async function createRelease(slots: number): Promise<LoadedRun> {
  const folder = join(root, "examples", "release-42");
  const names = (await readdir(folder)).sort();
  const scripts = names.map(async (name) => ({
    ...toLooseScript(name, await readFile(join(folder, name), "utf8")),
    ...{ scriptId: randomUUID(), allowMultipleRuns: false },
  }));
  const content: PackageContent = toPackageContent("zip", await Promise.all(scripts));
  return { plan: toPlan(content, slots), content };
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
export async function publishRun(stage: Stage, { plan, content }: LoadedRun, targets: number): Promise<RunId> {
  const runId = toRunId(new Date(), randomBytes(3).toString("hex"));
  await stage.files.write(packagesContainer, packageFile.content(plan.package.sha256), JSON.stringify(content));
  await stage.files.write(stateContainer, stateFile.plan(runId), JSON.stringify(plan));
  await stage.topic.subscribe(runId);
  const messages = Array.from({ length: targets }, (_, index) => {
    const { server, name } = stage.databases[index % stage.databases.length] ?? { server: "", name: "" };
    const target = { id: toTargetId(index + 1), server, databases: [{ default: "client", override: name }] };
    return { runId, bucket: 0, round: 1, target };
  });
  await stage.topic.send(messages);
  return runId;
}
