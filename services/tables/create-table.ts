import { AzureNamedKeyCredential, RestError, TableClient } from "@azure/data-tables";
import { fromSecrets } from "../from-secrets.ts";
import { type Secrets } from "../services.ts";

/** A table opened with the account key of the Key Vault; made on first use. */
export function createTable(
  secrets: Pick<Secrets, "read">,
  tableUrl: string | undefined,
  name: string,
): () => Promise<TableClient> {
  const opened = fromSecrets(secrets, ["StorageAccountName", "StorageAccountKey"], async (values) => {
    const account = values.StorageAccountName;
    const credential = new AzureNamedKeyCredential(account, values.StorageAccountKey);
    const client = new TableClient(tableUrl ?? `https://${account}.table.core.windows.net`, name, credential);
    await client.createTable();
    return client;
  });
  return async () => opened().then((client) => client);
}

/** Text of an entity's `json` column; rows hold one JSON document plus what is filtered on. */
export function parseJsonColumn(entity: Readonly<Record<string, unknown>>): unknown {
  return JSON.parse(String(entity["json"]));
}

export function isStatus(error: unknown, ...statuses: readonly number[]): boolean {
  return error instanceof RestError && error.statusCode !== undefined && statuses.includes(error.statusCode);
}
