import { odata, type TableClient } from "@azure/data-tables";
import pRetry from "p-retry";
import { Failure } from "../../model/failures.ts";
import { RunId, toRunSortKey } from "../../model/ids.ts";
import { Run, applyRunEvent, isFinal, type RunEvent } from "../../model/run.ts";
import type { Access, StorageAddress } from "../access.ts";
import { guard } from "../guard.ts";
import type { Runs } from "../services.ts";
import { createTable, isStatus } from "./create-table.ts";
import { parseJsonColumns, toJsonColumns } from "./json-columns.ts";

const partition = "runs";
const pageSize = 50;

/** After all hex digits, so after all runs; a run that has not ended has a second row under it, without content. */
const openPrefix = "open|";
const afterRuns = "g";
const afterOpen = "open}";
/** Rows read side by side. */
const readsAtOnce = 16;

/**
 * Runs in Table Storage: partition `runs`, newest first by row key. Table Storage has no index but the key, so the
 * runs that have not ended have one more row each.
 */
export function createRuns(access: Access, address: StorageAddress): Runs {
  const table = createTable(access, address, "runs");
  return guard<Runs>("Table storage", {
    create: async (run) => {
      const rows = [toEntity(run), toOpenRow(toRunSortKey(run.id))];
      await (await table()).submitTransaction(rows.map((row) => ["create", row]));
    },
    read: async (runId) => (await readRow(await table(), toRunSortKey(runId)))?.run,
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
    listOpen: async () => listOpen(await table()),
  });
}

async function applyOnce(client: TableClient, runId: RunId, event: RunEvent): Promise<Run> {
  const key = toRunSortKey(runId);
  const row = await readRow(client, key);
  if (!row) throw new Failure("UnknownRun", `There is no run ${runId}.`);
  const run = applyRunEvent(row.run, event);
  if (run === row.run) return run;
  await client.updateEntity(toEntity(run), "Replace", { etag: row.etag });
  // Not in one transaction: where the row is missing (or stays, because this dies here) the end must still be kept.
  if (isFinal(run.state)) await removeOpenRow(client, key);
  return run;
}

async function readRow(client: TableClient, key: string): Promise<{ run: Run; etag: string } | undefined> {
  try {
    const entity = await client.getEntity(partition, key);
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
  const filter = odata`PartitionKey eq ${partition} and RowKey gt ${after} and RowKey lt ${afterRuns}`;
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

async function listOpen(client: TableClient): Promise<Run[]> {
  const filter = odata`PartitionKey eq ${partition} and RowKey ge ${openPrefix} and RowKey lt ${afterOpen}`;
  const keys: string[] = [];
  for await (const { rowKey = "" } of client.listEntities({ queryOptions: { filter } })) {
    keys.push(rowKey.slice(openPrefix.length));
  }
  const runs: Run[] = [];
  for (let start = 0; start < keys.length; start += readsAtOnce) {
    const part = keys.slice(start, start + readsAtOnce);
    const found = await Promise.all(part.map((key) => readOpen(client, key)));
    runs.push(...found.filter((run) => run !== undefined));
  }
  return runs;
}

/** The run, unless it has ended and only its second row was left. */
async function readOpen(client: TableClient, key: string): Promise<Run | undefined> {
  const row = await readRow(client, key);
  if (row && !isFinal(row.run.state)) return row.run;
  await removeOpenRow(client, key);
  return undefined;
}

async function removeOpenRow(client: TableClient, key: string): Promise<void> {
  const { partitionKey, rowKey } = toOpenRow(key);
  await client.deleteEntity(partitionKey, rowKey).catch((error: unknown) => {
    if (!isStatus(error, 404)) throw error;
  });
}

function parseCursor(cursor: string): RunId {
  const parsed = RunId.safeParse(cursor);
  if (parsed.success) return parsed.data;
  throw new Failure("InvalidCursor", "The cursor is not one of this list's.");
}

function toOpenRow(key: string): { partitionKey: string; rowKey: string } {
  return { partitionKey: partition, rowKey: `${openPrefix}${key}` };
}

function toEntity(run: Run): { partitionKey: string; rowKey: string; state: string } {
  return {
    partitionKey: partition,
    rowKey: toRunSortKey(run.id),
    state: run.state,
    ...toJsonColumns(run),
  };
}
