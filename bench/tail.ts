import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { setTimeout as wait } from "node:timers/promises";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { BlobServiceClient } from "@azure/storage-blob";
import { Command } from "commander";
import { type Api, createApi } from "../local/demo/api.ts";
import { packScripts } from "../local/demo/pack.ts";
import { root } from "../local/root.ts";
import type { StackFile } from "../local/stack-file.ts";
import { startStack } from "../local/stack.ts";
import { RunId } from "../model/ids.ts";
import { EndedEvent } from "../model/messages.ts";
import { stateContainer, stateFile } from "../model/run-files.ts";
import { findProcesses } from "./measure/processes.ts";
import { toCount } from "./options.ts";

interface Options {
  readonly targets: number;
  readonly nodes: number;
  readonly json: boolean;
}

const command = new Command("npm run bench:tail --")
  .description(
    "Seconds from the last target's outcome to the last worker's exit, in a run of the whole product.",
  )
  .option("--targets <n>", "databases", toCount, 60)
  .option("--nodes <n>", "nodes, one worker each", toCount, 2)
  .option("--json", "print one last line of JSON", false)
  .parse();

await main(command.opts<Options>());
process.exit();

async function main({ targets, nodes, json }: Options): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "sqlfleet-tail-"));
  const stack = await startStack({
    ...{ root, folder, databases: targets, servers: 1, port: 0, sqlPort: 0 },
    setupSql: await readFile(join(root, "examples", "tenant.sql"), "utf8"),
    onFailure: (reason) => {
      process.stderr.write(`${reason}\n`);
      process.exit(2);
    },
  });
  try {
    setDefaultCACertificates([...getCACertificates("default"), await readFile(stack.file.ca, "utf8")]);
    const runId = await startRun(createApi(stack.file.api, stack.file.functionKey), stack.file, nodes);
    const exitedAt = await awaitExits(runId, nodes);
    const seconds = (exitedAt - (await readLastOutcome(stack.file, runId))) / 1_000;
    process.stdout.write(`Last outcome to last worker's exit: ${seconds.toFixed(2)} s\n`);
    if (json) process.stdout.write(`${JSON.stringify({ targets, nodes, tailSeconds: seconds })}\n`);
  } finally {
    await stack.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

async function startRun(api: Api, file: StackFile, nodes: number): Promise<RunId> {
  await api.put("/secrets", JSON.stringify(file.secrets));
  await api.put("/packages/release-42", await packScripts(join(root, "examples", "release-42")));
  const { body } = await api.post("/runs", {
    package: "release-42",
    targets: {
      cfg: file.sql
        .flatMap(({ server, databases }) => databases.map((name) => `${server}:client,${name}`))
        .join("\n"),
    },
    compute: { kind: "batch", nodes },
  });
  return RunId.parse(body["id"]);
}

/** When the last of the run's workers was gone, milliseconds since 1970, to a hundredth of a second. */
async function awaitExits(runId: RunId, nodes: number): Promise<number> {
  let seen = 0;
  for (;;) {
    const alive = findProcesses("worker/main.ts", `RUN_ID=${runId}`).length;
    seen = Math.max(seen, alive);
    if (seen === nodes && alive === 0) return Date.now();
    await wait(10);
  }
}

/** When the last outcome was known, milliseconds since 1970: the result records say. */
async function readLastOutcome({ storage }: StackFile, runId: RunId): Promise<number> {
  const container = BlobServiceClient.fromConnectionString(storage.connectionString).getContainerClient(
    stateContainer,
  );
  const times: number[] = [];
  for await (const { name } of container.listBlobsFlat({ prefix: stateFile.results(runId, 0) })) {
    const { readableStreamBody } = await container.getBlobClient(name).download();
    if (!readableStreamBody) continue;
    times.push(Date.parse(EndedEvent.parse(JSON.parse(await text(readableStreamBody))).outcome.endedAt));
  }
  return Math.max(...times);
}
