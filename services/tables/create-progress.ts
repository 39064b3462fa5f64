import { odata, type TableClient, type TableEntity, type TransactionAction } from "@azure/data-tables";
import pRetry from "p-retry";
import { type RunId, type TargetId } from "../../model/ids.ts";
import {
  TargetRecord,
  applyBucketEvents,
  emptySummary,
  giveUpTargets,
  type BucketSummary,
} from "../../model/progress.ts";
import { guard } from "../guard.ts";
import { type ProgressStore, type Secrets } from "../services.ts";
import { createTable, isStatus, parseJsonColumn } from "./create-table.ts";

/** A Table transaction takes 100 operations: one is the summary's. */
const recordsPerTransaction = 99;
const summaryKey = "summary";

type Change = (
  summary: BucketSummary,
  records: ReadonlyMap<TargetId, TargetRecord>,
) => { readonly summary: BucketSummary; readonly changed: readonly TargetRecord[] };

/**
 * Progress in Table Storage. A bucket is one partition: its summary row and one row per target that was heard
 * of. Both are written in one transaction guarded by the summary's ETag, so the counts are exact however often,
 * and by however many writers, events are applied.
 */
export function createProgress(secrets: Pick<Secrets, "read">, tableUrl: string | undefined): ProgressStore {
  const table = createTable(secrets, tableUrl, "targets");
  const change = async (
    bucket: Bucket,
    targetIds: readonly TargetId[],
    apply: (part: ReadonlySet<TargetId>) => Change,
  ) => {
    const client = await table();
    let changed = 0;
    for (const part of inParts([...new Set(targetIds)].sort(), recordsPerTransaction)) {
      changed += await changeGuarded(client, bucket, part, apply(new Set(part)));
    }
    return changed;
  };

  return guard<ProgressStore>("Table storage", {
    begin: async (runId, bucket, total) => {
      const row = toSummaryEntity({ runId, bucket }, emptySummary(bucket, total));
      await (await table()).createEntity(row).catch((error: unknown) => {
        if (!isStatus(error, 409)) throw error;
      });
    },
    apply: async (runId, bucket, events) =>
      change(
        { runId, bucket },
        events.map(({ targetId }) => targetId),
        (part) => (summary, records) =>
          applyBucketEvents(
            summary,
            records,
            events.filter(({ targetId }) => part.has(targetId)),
          ),
      ),
    giveUp: async (runId, bucket, targetIds, state) => {
      await change(
        { runId, bucket },
        targetIds,
        (part) => (summary, records) => giveUpTargets(summary, records, [...part], state),
      );
    },
    summaries: async (runId, buckets) => readSummaries(await table(), runId, buckets),
    records: async (runId, bucket, from, to) => readRecords(await table(), { runId, bucket }, { from, to }),
  });
}

interface Bucket {
  readonly runId: RunId;
  readonly bucket: number;
}

async function changeGuarded(
  client: TableClient,
  bucket: Bucket,
  targetIds: readonly TargetId[],
  apply: Change,
): Promise<number> {
  return pRetry(() => changeOnce(client, bucket, targetIds, apply), {
    retries: 60,
    minTimeout: 10,
    maxTimeout: 500,
    factor: 1.3,
    randomize: true,
    // 412: another writer was first. 409: it inserted the same target's row.
    shouldRetry: ({ error }) => isStatus(error, 412, 409),
  });
}

async function changeOnce(
  client: TableClient,
  bucket: Bucket,
  targetIds: readonly TargetId[],
  apply: Change,
): Promise<number> {
  // The summary first: records read after it are at least as new as what its ETag guards.
  const before = await client.getEntity(toPartitionKey(bucket), summaryKey);
  const records = await readRecords(client, bucket, { from: targetIds[0], to: targetIds.at(-1) });
  const known = new Map(records.map((record) => [record.targetId, record]));
  const { summary, changed } = apply(parseJsonColumn(before) as BucketSummary, known);
  if (changed.length === 0) return 0;
  const actions: TransactionAction[] = [
    ["update", toSummaryEntity(bucket, summary), "Replace", { etag: before.etag }],
    ...changed.map((record): TransactionAction => ["upsert", toRecordEntity(bucket, record), "Replace"]),
  ];
  await client.submitTransaction(actions);
  return changed.length;
}

async function readSummaries(client: TableClient, runId: RunId, buckets: number): Promise<BucketSummary[]> {
  const numbers = Array.from({ length: buckets }, (_, bucket) => bucket);
  const found = await Promise.all(numbers.map((bucket) => readSummary(client, { runId, bucket })));
  return found.filter((summary) => summary !== undefined);
}

async function readSummary(client: TableClient, bucket: Bucket): Promise<BucketSummary | undefined> {
  try {
    return parseJsonColumn(await client.getEntity(toPartitionKey(bucket), summaryKey)) as BucketSummary;
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
    records.push(TargetRecord.parse(parseJsonColumn(entity)));
  }
  return records;
}

function toSummaryEntity(bucket: Bucket, summary: BucketSummary): TableEntity {
  return { partitionKey: toPartitionKey(bucket), rowKey: summaryKey, json: JSON.stringify(summary) };
}

function toRecordEntity(bucket: Bucket, record: TargetRecord): TableEntity {
  return {
    partitionKey: toPartitionKey(bucket),
    rowKey: record.targetId,
    state: record.state,
    json: JSON.stringify(record),
  };
}

function toPartitionKey({ runId, bucket }: Bucket): string {
  return `${runId}|${String(bucket).padStart(2, "0")}`;
}

function* inParts<T>(items: readonly T[], size: number): Generator<readonly T[]> {
  for (let start = 0; start < items.length; start += size) yield items.slice(start, start + size);
}
