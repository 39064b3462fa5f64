import { AzureNamedKeyCredential, RestError, TableClient } from "@azure/data-tables";
import type { Access, StorageAddress } from "../access.ts";
import { fromSecrets } from "../from-secrets.ts";
import { once } from "../once.ts";

/** A table, made on first use. */
export function createTable(
  access: Access,
  address: StorageAddress,
  name: string,
): () => Promise<TableClient> {
  const open = openTable(access, address, name);
  let made: TableClient | undefined;
  return async () => {
    const client = await open();
    if (made === client) return client;
    // Remembered only when it worked: a storage that was away for a moment must not be away for good.
    await client.createTable();
    made = client;
    return client;
  };
}

function openTable(
  { credential, secrets }: Access,
  { account, url }: StorageAddress,
  table: string,
): () => Promise<TableClient> {
  const toUrl = (name: string): string => url ?? `https://${name}.table.core.windows.net`;
  if (account) return once(() => new TableClient(toUrl(account), table, credential));
  return fromSecrets(secrets, ["StorageAccountName", "StorageAccountKey"], (values) => {
    const name = values.StorageAccountName;
    const key = new AzureNamedKeyCredential(name, values.StorageAccountKey);
    return new TableClient(toUrl(name), table, key);
  });
}

export function isStatus(error: unknown, ...statuses: readonly number[]): boolean {
  return error instanceof RestError && error.statusCode !== undefined && statuses.includes(error.statusCode);
}
