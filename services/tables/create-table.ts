import { AzureNamedKeyCredential, RestError, TableClient } from "@azure/data-tables";
import { fromSecrets } from "../from-secrets.ts";
import type { Secrets } from "../services.ts";

/** A table opened with the account key of the Key Vault; made on first use. */
export function createTable(
  secrets: Pick<Secrets, "read">,
  tableUrl: string | undefined,
  name: string,
): () => Promise<TableClient> {
  const open = fromSecrets(secrets, ["StorageAccountName", "StorageAccountKey"], (values) => {
    const account = values.StorageAccountName;
    const credential = new AzureNamedKeyCredential(account, values.StorageAccountKey);
    return new TableClient(tableUrl ?? `https://${account}.table.core.windows.net`, name, credential);
  });
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

export function isStatus(error: unknown, ...statuses: readonly number[]): boolean {
  return error instanceof RestError && error.statusCode !== undefined && statuses.includes(error.statusCode);
}
