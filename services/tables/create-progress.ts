import { odata, type TableClient, type TableEntity, type TransactionAction } from "@azure/data-tables";
import pRetry from "p-retry";
import type { RunId, TargetId } from "../../model/ids.ts";
import {
  TargetRecord,
  applyBucketEvents,
  emptySummary,
  giveUpTargets,
  recount,
  type BucketSummary,
} from "../../model/progress.ts";
import type { Access, StorageAddress } from "../access.ts";
import { guard } from "../guard.ts";
import type { ProgressStore } from "../services.ts";
import { createTable, isStatus } from "./create-table.ts";
import { parseJsonColumns, toJsonColumns } from "./json-columns.ts";
import { toTransactions } from "./plan-transactions.ts";
import { createTurns } from "./take-turns.ts";

const summaryKey = "summary";

interface Bucket {
  readonly runId: RunId;
  readonly bucket: number;
}

/** What becomes of a bucket's records: the new and different ones. */
type Change = (
  summary: BucketSummary,
  records: ReadonlyMap<TargetId, TargetRecord>,
) => { readonly changed: readonly TargetRecord[] };

/**
 * Progress in Table Storage. A bucket is one partition: its summary row and one row per target that was heard
 * of. Both are written in one transaction guarded by the summary's ETag, so the counts are exact however often,
 * and by however many writers, events are applied.
 */
export function createProgress(access: Access, address: StorageAddress): ProgressStore {
  const table = createTable(access, address, "targets");
  const inTurn = createTurns();
  const change = async (bucket: Bucket, targetIds: readonly TargetId[], plan: Change): Promise<number> => {
    const client = await table();
    return inTurn(toPartitionKey(bucket), () => changeBucket(client, bucket, targetIds, plan));
  };

  return guard<ProgressStore>("Table storage", {
    begin: async (runId, bucket, total) => {
      const row = toSummaryEntity({ runId, bucket }, emptySummary(bucket, total));
      await (await table()).createEntity(row).catch((error: unknown) => {
        if (!isStatus(error, 409)) throw error;
      });
    },
    apply: async (runId, bucket, events) => {
      const ids = events.map(({ targetId }) => targetId);
      return change({ runId, bucket }, ids, (summary, records) =>
        applyBucketEvents(summary, records, events),
      );
    },
    giveUp: async (runId, bucket, targetIds, why) => {
      await change({ runId, bucket }, targetIds, (summary, records) =>
        giveUpTargets(summary, records, targetIds, why),
      );
    },
    summaries: async (runId, buckets) => readSummaries(await table(), runId, buckets),
    records: async (runId, bucket, from, to) => readRecords(await table(), { runId, bucket }, { from, to }),
  });
}

/** Begins anew whenever another writer was first; what was written by then is not written again. */
async function changeBucket(
  client: TableClient,
  bucket: Bucket,
  targetIds: readonly TargetId[],
  plan: Change,
): Promise<number> {
  if (targetIds.length === 0) return 0;
  let written = 0;
  const attempt = async (): Promise<void> => {
    // The summary first: records read after it are at least as new as what its ETag guards.
    const row = await client.getEntity(toPartitionKey(bucket), summaryKey);
    const before = await readKnown(client, bucket, targetIds);
    let summary = parseJsonColumns(row) as BucketSummary;
    let etag = row.etag;
    for (const part of toTransactions(plan(summary, before).changed, (each) =>
      toRecordEntity(bucket, each),
    )) {
      summary = recount(summary, before, new Map(part.map((record) => [record.targetId, record])));
      etag = await writePart(client, bucket, { summary, etag, records: part });
      written += part.length;
    }
  };
  await pRetry(attempt, {
    retries: 100,
    minTimeout: 10,
    maxTimeout: 300,
    factor: 1.3,
    randomize: true,
    shouldRetry: ({ error }) => isStatus(error, 412),
  });
  return written;
}

async function readKnown(
  client: TableClient,
  bucket: Bucket,
  targetIds: readonly TargetId[],
): Promise<ReadonlyMap<TargetId, TargetRecord>> {
  const sorted = [...targetIds].sort();
  const records = await readRecords(client, bucket, { from: sorted[0], to: sorted.at(-1) });
  return new Map(records.map((record) => [record.targetId, record]));
}

/** All or nothing. @returns the summary's new ETag. @throws RestError 412 when the summary is not as it was read. */
async function writePart(
  client: TableClient,
  bucket: Bucket,
  part: {
    readonly summary: BucketSummary;
    readonly etag: string;
    readonly records: readonly TargetRecord[];
  },
): Promise<string> {
  const actions: TransactionAction[] = [
    ["update", toSummaryEntity(bucket, part.summary), "Replace", { etag: part.etag }],
    ...part.records.map((record): TransactionAction => ["upsert", toRecordEntity(bucket, record), "Replace"]),
  ];
  const { subResponses } = await client.submitTransaction(actions);
  const etag = subResponses[0]?.etag;
  // Without one the next part would be written unguarded.
  if (!etag) throw new Error("A transaction was answered without the summary's ETag.");
  return etag;
}

async function readSummaries(client: TableClient, runId: RunId, buckets: number): Promise<BucketSummary[]> {
  const numbers = Array.from({ length: buckets }, (_, bucket) => bucket);
  const found = await Promise.all(numbers.map((bucket) => readSummary(client, { runId, bucket })));
  return found.filter((summary) => summary !== undefined);
}

async function readSummary(client: TableClient, bucket: Bucket): Promise<BucketSummary | undefined> {
  try {
    return parseJsonColumns(await client.getEntity(toPartitionKey(bucket), summaryKey)) as BucketSummary;
  } catch (error) {
    if (isStatus(error, 404)) return undefined;
    throw error;
  }
}

async function readRecords(
  client: TableClient,
  bucket: Bucket,
  range: { readonly from?: TargetId | undefined; readonly to?: TargetId | undefined },
): Promise<TargetRecord[]> {
  const from = range.from ?? "0";
  const to = range.to ?? "999999";
  const filter = odata`PartitionKey eq ${toPartitionKey(bucket)} and RowKey ge ${from} and RowKey le ${to}`;
  const records: TargetRecord[] = [];
  for await (const entity of client.listEntities({ queryOptions: { filter } })) {
    records.push(TargetRecord.parse(parseJsonColumns(entity)));
  }
  return records;
}

function toSummaryEntity(bucket: Bucket, summary: BucketSummary): TableEntity {
  return { partitionKey: toPartitionKey(bucket), rowKey: summaryKey, ...toJsonColumns(summary) };
}

function toRecordEntity(bucket: Bucket, record: TargetRecord): TableEntity {
  return {
    partitionKey: toPartitionKey(bucket),
    rowKey: record.targetId,
    state: record.state,
    ...toJsonColumns(record),
  };
}

function toPartitionKey({ runId, bucket }: Bucket): string {
  return `${runId}|${String(bucket).padStart(2, "0")}`;
}
