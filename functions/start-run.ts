import { randomBytes } from "node:crypto";
import { app } from "@azure/functions";
import * as df from "durable-functions";
import { toRunId, type RunId } from "../model/ids.ts";
import { planBuckets, toBucketSizes } from "../model/progress.ts";
import type { RunControl } from "../model/messages.ts";
import type { Run } from "../model/run.ts";
import type { RunDocument } from "../model/run-document.ts";
import { stateContainer, stateFile } from "../model/run-files.ts";
import type { PackageManifest } from "../model/package/manifest.ts";
import type { Target } from "../model/target.ts";
import type { RunInput } from "../orchestrations/run.ts";
import { answer } from "./edge/answer.ts";
import { audited } from "./edge/audited.ts";
import { services, settings } from "./edge/app-services.ts";
import { checkTrial } from "./edge/check-trial.ts";
import { readContent, readManifest, readManifestByName } from "./edge/packages.ts";
import { checkScriptDatabases, parseRunDocument, parseRunTargets, toRunPlan } from "./edge/plan-run.ts";
import { readJson } from "./edge/read-body.ts";
import { toRunView } from "./edge/run-view.ts";

/** Starts a run. Everything that can be refused is refused before anything is created. */
app.http("startRun", {
  methods: ["POST"],
  route: "runs",
  authLevel: "function",
  extraInputs: [df.input.durableClient()],
  handler: answer(
    audited(async (request, context) => {
      const document = parseRunDocument(await readJson(request));
      const targets = parseRunTargets(document, settings.SQL_SERVER_ALLOW_LIST);
      const manifest = await findPackage(document.package);
      checkScriptDatabases(manifest, targets);
      if (document.mode === "trial") checkTrial(await readContent(services, manifest.sha256));

      const run = toRun(document, manifest, targets);
      await writeRunFiles(run, targets);
      await services.runs.create(run);
      const client = df.getClient(context);
      await startOrchestration(client, run);

      const location = `/api/runs/${run.id}`;
      const { id: _, ...durable } = client.createHttpManagementPayload(run.id);
      return {
        status: 202,
        headers: { location, "retry-after": "2" },
        jsonBody: { ...toRunView(run, [], new Date()), durable },
      };
    }),
  ),
});

function findPackage(wanted: RunDocument["package"]): Promise<PackageManifest> {
  return typeof wanted === "string"
    ? readManifestByName(services, wanted)
    : readManifest(services, wanted.sha256);
}

function toRun(document: RunDocument, manifest: PackageManifest, targets: readonly Target[]): Run {
  const now = new Date();
  return {
    id: toRunId(now, randomBytes(3).toString("hex")),
    state: "accepted",
    plan: toRunPlan(document, manifest),
    targets: targets.length,
    buckets: planBuckets(targets.length),
    createdAt: now.toISOString(),
  };
}

async function writeRunFiles({ id, plan }: Run, targets: readonly Target[]): Promise<void> {
  const write = (path: string, content: unknown): Promise<void> =>
    services.files.write(stateContainer, path, JSON.stringify(content));
  await write(stateFile.plan(id), plan);
  await write(stateFile.control(id), { order: "go" } satisfies RunControl);
  let start = 0;
  for (const [bucket, size] of toBucketSizes(targets.length).entries()) {
    await write(stateFile.targets(id, bucket), targets.slice(start, start + size));
    start += size;
  }
}

/** A row without an orchestration would stay `accepted` for ever: it is closed, and the caller told. */
async function startOrchestration(client: df.DurableClient, run: Run): Promise<void> {
  const input: RunInput = { runId: run.id, rounds: run.plan.retry.attempts };
  try {
    await client.startNew("run", { instanceId: run.id, input });
  } catch (error) {
    await closeRun(run.id);
    throw error;
  }
}

async function closeRun(runId: RunId): Promise<void> {
  const message = "The orchestration could not be started.";
  const failure = { code: "ServiceUnavailable", message, help: "Post the run again." } as const;
  await services.runs.apply(runId, { type: "ended", state: "failed", at: new Date().toISOString(), failure });
}
