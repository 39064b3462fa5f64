import { odata, type TableClient } from "@azure/data-tables";
import pRetry from "p-retry";
import { Failure } from "../../model/failures.ts";
import { RunId, toRunSortKey } from "../../model/ids.ts";
import { Run, applyRunEvent, type RunEvent } from "../../model/run.ts";
import type { Access, StorageAddress } from "../access.ts";
import { guard } from "../guard.ts";
import type { Runs } from "../services.ts";
import { createTable, isStatus } from "./create-table.ts";
import { parseJsonColumns, toJsonColumns } from "./json-columns.ts";

const partition = "runs";
const pageSize = 50;

/** Runs in Table Storage: partition `runs`, newest first by row key. */
export function createRuns(access: Access, address: StorageAddress): Runs {
  const table = createTable(access, address, "runs");
  return guard<Runs>("Table storage", {
    create: async (run) => {
      await (await table()).createEntity(toEntity(run));
    },
    read: async (runId) => (await readRow(await table(), runId))?.run,
    apply: async (runId, event) => {
      const client = await table();
      return pRetry(() => applyOnce(client, runId, event), {
        retries: 20,
        minTimeout: 10,
        maxTimeout: 500,
        randomize: true,
        shouldRetry: ({ error }) => isStatus(error, 412),
      });
    },
    list: async (cursor) => listPage(await table(), cursor),
  });
}

async function applyOnce(client: TableClient, runId: RunId, event: RunEvent): Promise<Run> {
  const row = await readRow(client, runId);
  if (!row) throw new Failure("UnknownRun", `There is no run ${runId}.`);
  const run = applyRunEvent(row.run, event);
  if (run !== row.run) await client.updateEntity(toEntity(run), "Replace", { etag: row.etag });
  return run;
}

async function readRow(client: TableClient, runId: RunId): Promise<{ run: Run; etag: string } | undefined> {
  try {
    const entity = await client.getEntity(partition, toRunSortKey(runId));
    return { run: Run.parse(parseJsonColumns(entity)), etag: entity.etag };
  } catch (error) {
    if (isStatus(error, 404)) return undefined;
    throw error;
  }
}

/** The cursor is the last run of the page before: it stays good whatever else is started meanwhile. */
async function listPage(
  client: TableClient,
  cursor: string | undefined,
): Promise<{ runs: Run[]; cursor?: string }> {
  const after = cursor === undefined ? "" : toRunSortKey(parseCursor(cursor));
  const filter = odata`PartitionKey eq ${partition} and RowKey gt ${after}`;
  const pages = client.listEntities({ queryOptions: { filter } }).byPage({ maxPageSize: pageSize });
  for await (const page of pages) {
    const runs = page.map((entity) => Run.parse(parseJsonColumns(entity)));
    const last = runs.at(-1);
    // The service may give an empty page and more after it.
    if (!last) continue;
    const { continuationToken } = page as { readonly continuationToken?: string };
    return continuationToken ? { runs, cursor: last.id } : { runs };
  }
  return { runs: [] };
}

function parseCursor(cursor: string): RunId {
  const parsed = RunId.safeParse(cursor);
  if (parsed.success) return parsed.data;
  throw new Failure("InvalidCursor", "The cursor is not one of this list's.");
}

function toEntity(run: Run): { partitionKey: string; rowKey: string; state: string } {
  return {
    partitionKey: partition,
    rowKey: toRunSortKey(run.id),
    state: run.state,
    ...toJsonColumns(run),
  };
}
