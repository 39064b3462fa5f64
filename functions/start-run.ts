import { randomBytes } from "node:crypto";
import { app } from "@azure/functions";
import * as df from "durable-functions";
import { Failure } from "../model/failures.ts";
import { toRunId } from "../model/ids.ts";
import { planBuckets, toBucketSizes } from "../model/progress.ts";
import type { RunControl } from "../model/messages.ts";
import { isFinal, type Run } from "../model/run.ts";
import type { RunDocument } from "../model/run-document.ts";
import { stateContainer, stateFile } from "../model/run-files.ts";
import type { PackageManifest } from "../model/package/manifest.ts";
import type { Target } from "../model/target.ts";
import type { RunInput } from "../orchestrations/run.ts";
import { answer } from "./edge/answer.ts";
import { audited } from "./edge/audited.ts";
import { services, settings } from "./edge/app-services.ts";
import { closeUnstarted } from "./edge/close-unstarted.ts";
import { checkSecrets } from "./edge/check-secrets.ts";
import { checkTrial } from "./edge/check-trial.ts";
import { holdToken } from "./edge/hold-token.ts";
import { readContent, readManifest, readManifestByName } from "./edge/packages.ts";
import { type AskedCallback, parseCallback } from "./edge/parse-callback.ts";
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
      const callback = document.callback ? parseCallback(request, settings.CALLBACK_ALLOW_LIST) : undefined;
      const targets = parseRunTargets(document, settings.SQL_SERVER_ALLOW_LIST);
      const manifest = await findPackage(document.package);
      checkScriptDatabases(manifest, targets);
      if (document.mode === "trial") checkTrial(await readContent(services, manifest.sha256));
      await checkSecrets(services, settings, document.auth);

      const run = { ...toRun(document, manifest, targets), ...toPending(callback) };
      const client = df.getClient(context);
      const accepted = await holdToken(services, run.id, callback?.token, () => begin(client, run, targets));

      const location = `/api/runs/${run.id}`;
      const { id: _, ...durable } = client.createHttpManagementPayload(run.id);
      return {
        status: 202,
        headers: { location, "retry-after": "2" },
        // The links hold a key of the host, and what a server job is answered is to be read in the job's log.
        jsonBody: { ...toRunView(accepted, [], new Date()), ...(!callback && { durable }) },
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
    state: "accepting",
    plan: toRunPlan(document, manifest),
    targets: targets.length,
    buckets: planBuckets(targets.length),
    createdAt: now.toISOString(),
  };
}

function toPending(callback: AskedCallback | undefined): Pick<Run, "callback"> {
  return callback ? { callback: { state: "pending", address: callback.address } } : {};
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

/**
 * The row comes first, so that no file is ever without a run. What does not get as far as its orchestration is closed,
 * and the caller told; when this process dies on the way, sweepRuns closes it.
 */
async function begin(client: df.DurableClient, run: Run, targets: readonly Target[]): Promise<Run> {
  await services.runs.create(run);
  try {
    await writeRunFiles(run, targets);
    const at = new Date().toISOString();
    const accepted = await services.runs.apply(run.id, { type: "reached", state: "accepted", at });
    if (isFinal(accepted.state)) {
      throw new Failure("ServiceUnavailable", "Storing the run took so long that it was given up.");
    }
    const input: RunInput = { runId: run.id, rounds: run.plan.retry.attempts };
    await client.startNew("run", { instanceId: run.id, input });
    return accepted;
  } catch (error) {
    await closeUnstarted(services, run.id);
    throw error;
  }
}
