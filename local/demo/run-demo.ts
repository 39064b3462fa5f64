import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { StackFile } from "../stack-file.ts";
import { startStack, type Stack } from "../stack.ts";
import { createApi, type Api } from "./api.ts";
import { createFleet, type Database, type Proof } from "./fleet.ts";
import { follow, type RunView } from "./follow.ts";
import { packScripts } from "./pack.ts";
import { readTargets, toSummary } from "./summary.ts";

export interface DemoOptions {
  readonly targets: number;
  readonly servers: number;
  readonly nodes: number;
  readonly compute: "batch" | "kubernetes";
  /** Databases that violate the release's constraint. */
  readonly fail: number;
  /** No secret is stored anywhere. */
  readonly identityOnly: boolean;
  readonly json: boolean;
  readonly sql?: string;
  readonly root: string;
  /** Where the consolidated logs are kept after the stack is gone. */
  readonly logs: string;
  readonly write: (line: string) => void;
}

/** The whole flow on a stack of its own. @returns the exit code: 0 = every target committed and proven. */
export async function runDemo(options: DemoOptions): Promise<number> {
  const { write } = options;
  write(`Starting the local stack: ${options.targets} databases on ${options.servers} servers.`);
  const folder = await mkdtemp(join(tmpdir(), "sqlfleet-demo-"));
  const stack = await startStack({
    ...options,
    folder,
    databases: options.targets,
    port: 0,
    sqlPort: 0,
    setupSql: await readFile(join(options.root, "examples", "tenant.sql"), "utf8"),
    onFailure: (reason) => {
      write(reason);
      process.exit(2);
    },
  });
  const onInterrupt = (): void => {
    void stack.stop().finally(() => process.exit(130));
  };
  process.once("SIGINT", onInterrupt);
  try {
    return await drive(stack, options);
  } finally {
    process.off("SIGINT", onInterrupt);
    await stack.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

async function drive({ file }: Stack, options: DemoOptions): Promise<number> {
  const { write } = options;
  const api = createApi(file.api, file.functionKey);
  const fleet = createFleet(file);
  await fleet.spoil(pickEvenly(fleet.databases, options.fail));

  write("  0. identity: the Function App and the nodes have managed identities, nobody logs in");
  await storeSecrets(api, file, write);
  write("  2. uploading the package examples/release-42");
  const manifest = await api.put(
    "/packages/release-42",
    await packScripts(join(options.root, "examples", "release-42")),
  );
  write(
    `     ${(manifest.body["scripts"] as unknown[]).length} scripts, SHA-256 ${String(manifest.body["sha256"])}`,
  );
  const { body } = await api.post("/runs", {
    package: "release-42",
    targets: { cfg: fleet.databases.map(({ server, name }) => `${server}:client,${name}`).join("\n") },
    compute: toCompute(options),
    auth: { kind: file.identityOnly ? "ManagedIdentity" : "Password" },
    description: "The release of the demo",
  });
  const run = await follow(api, String(body["id"]), write);

  write("  proof: asking every database itself");
  const proof = await fleet.readReleases();
  for (const line of toSummary(run, await readTargets(api, run.id), proof)) write(line);
  write(`  logs       ${await saveLogs(api, run.id, options.logs)}`);
  const historyEvents = await countHistory(body["durable"] as { statusQueryGetUri: string }, run.id);
  if (options.json) write(JSON.stringify(toJson(run, proof, historyEvents)));
  return isProven(run, proof) ? 0 : 1;
}

async function storeSecrets(api: Api, file: StackFile, write: DemoOptions["write"]): Promise<void> {
  if (file.identityOnly) {
    write("  1. no secret to store: every service and database is opened by identity");
    return;
  }
  write("  1. storing secrets in the Key Vault");
  await api.put("/secrets", JSON.stringify(file.secrets));
}

function toCompute({ compute, nodes }: DemoOptions): object {
  return compute === "batch" ? { kind: "batch", nodes } : { kind: "kubernetes", pods: nodes };
}

/** Spread over the servers, so that each has its failures. */
function pickEvenly(databases: readonly Database[], count: number): readonly Database[] {
  const step = databases.length / Math.max(1, count);
  return Array.from({ length: count }, (_, index) => databases[Math.floor(index * step)]).filter(
    (each) => each !== undefined,
  );
}

/** The consolidated files, kept after the stack is gone. */
async function saveLogs(api: Api, runId: string, into: string): Promise<string> {
  await mkdir(into, { recursive: true });
  for (const name of ["commits.log", "errors.log", "success.cfg", "failure.cfg", "summary.json"]) {
    await writeFile(join(into, name), await api.text(`/runs/${runId}/logs/${name}`));
  }
  return into;
}

/** History events of the run's largest orchestration instance, by the Durable management API. */
async function countHistory(
  { statusQueryGetUri }: { readonly statusQueryGetUri: string },
  runId: string,
): Promise<number> {
  const lengths = [runId, `${runId}:watch`].map(async (instance) => {
    const url = new URL(statusQueryGetUri.replace(runId, encodeURIComponent(instance)));
    url.searchParams.set("showHistory", "true");
    const response = await fetch(url);
    if (!response.ok) throw new Error(`The history of ${instance} answered ${response.status}.`);
    const { history } = (await response.json()) as { history?: readonly unknown[] };
    return history?.length ?? 0;
  });
  return Math.max(...(await Promise.all(lengths)));
}

function toJson(
  run: RunView,
  proof: readonly Proof[],
  historyEvents: number,
): Readonly<Record<string, unknown>> {
  return {
    runId: run.id,
    state: run.state,
    targets: run.targets,
    verifiedInDatabase: proof.filter(({ releases }) => releases === 1).length,
    elapsedSeconds: run.elapsedSeconds,
    targetsPerSecond: run.throughput.targetsPerSecond,
    orchestrationHistoryEvents: historyEvents,
  };
}

function isProven(run: RunView, proof: readonly Proof[]): boolean {
  return run.state === "succeeded" && proof.every(({ releases }) => releases === 1);
}
