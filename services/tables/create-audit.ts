import { odata, type TableClient } from "@azure/data-tables";
import { AuditEntry } from "../../model/audit.ts";
import { Failure } from "../../model/failures.ts";
import type { Access, StorageAddress } from "../access.ts";
import { guard } from "../guard.ts";
import type { AuditLog } from "../services.ts";
import { createTable } from "./create-table.ts";
import { parseJsonColumns, toJsonColumns } from "./json-columns.ts";

const partition = "audit";
const pageSize = 100;

/**
 * The audit in Table Storage: rows are inserted and nothing else. That others cannot change them is for the account's
 * roles to see to: Table Storage itself has no row that cannot be written over.
 */
export function createAudit(access: Access, address: StorageAddress): AuditLog {
  const table = createTable(access, address, "audit");
  return guard<AuditLog>("Table storage", {
    append: async (entry) => {
      const row = { partitionKey: partition, rowKey: toRowKey(entry), ...toJsonColumns(entry) };
      await (await table()).createEntity(row);
    },
    list: async (cursor) => listPage(await table(), cursor),
  });
}

/** Sorts newest first; of one action the answer before the question. */
function toRowKey({ at, id, phase }: AuditEntry): string {
  const left = String(9_999_999_999_999 - Date.parse(at)).padStart(13, "0");
  return `${left}-${id}-${phase}`;
}

/** The cursor is the last row of the page before: it stays good whatever is added meanwhile. */
async function listPage(
  client: TableClient,
  cursor: string | undefined,
): Promise<{ entries: AuditEntry[]; cursor?: string }> {
  if (cursor !== undefined && !/^\d{13}-[\w-]+$/.test(cursor)) {
    throw new Failure("InvalidCursor", "The cursor is not one of this list's.");
  }
  const filter = odata`PartitionKey eq ${partition} and RowKey gt ${cursor ?? ""}`;
  const pages = client.listEntities({ queryOptions: { filter } }).byPage({ maxPageSize: pageSize });
  for await (const page of pages) {
    const last = page.at(-1);
    // The service may give an empty page and more after it.
    if (!last) continue;
    const entries = page.map((entity) => AuditEntry.parse(parseJsonColumns(entity)));
    const { continuationToken } = page as { readonly continuationToken?: string };
    return continuationToken ? { entries, cursor: last.rowKey ?? "" } : { entries };
  }
  return { entries: [] };
}
