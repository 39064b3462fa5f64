import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { startParts, type Parts } from "../../local/parts.ts";
import { root } from "../../local/root.ts";
import type { SecretName } from "../../model/secrets.ts";
import { createFiles } from "../../services/blob/create-files.ts";
import { createCredential } from "../../services/identity/create-credential.ts";
import { createSecrets } from "../../services/key-vault/create-secrets.ts";
import { createTopic } from "../../services/service-bus/create-topic.ts";
import type { Files, Secrets, TargetTopic } from "../../services/services.ts";

interface StageOptions {
  readonly databases: number;
  /** Connection string of a real SQL Server; absent: the stand-in. */
  readonly sql?: string;
}

/** Everything a worker meets, running: services, a fleet of databases, and secrets in the vault. */
export interface Stage {
  readonly parts: Parts;
  readonly files: Files;
  readonly topic: TargetTopic;
  readonly secrets: Readonly<Record<SecretName, string>>;
  /** In an order that goes round the servers. */
  readonly databases: readonly { readonly server: string; readonly name: string }[];
  close(): Promise<void>;
}

/** One process for SQL Server, one for Azurite, this one for the rest: a worker shares its own with nobody. */
export async function openStage({ databases, sql }: StageOptions): Promise<Stage> {
  await using undo = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), "sqlfleet-bench-"));
  undo.defer(() => rm(folder, { recursive: true, force: true }));
  const parts = await startParts(
    {
      ...{ root, folder, databases, servers: 1, sqlPort: 0 },
      ...(sql !== undefined && { sql }),
      setupSql: await readFile(join(root, "examples", "tenant.sql"), "utf8"),
      onFailure: (reason) => {
        process.stderr.write(`${reason}\n`);
        process.exit(2);
      },
    },
    undo,
  );
  setDefaultCACertificates([...getCACertificates("default"), await readFile(parts.caFile, "utf8")]);
  const secrets = toSecrets(parts);
  await storeSecrets(parts, secrets);
  const read: Pick<Secrets, "read"> = { read: (name) => Promise.resolve(secrets[name]) };
  const everything = undo.move();
  return {
    parts,
    files: createFiles(read, parts.storage.endpoints.blob),
    topic: createTopic(read, parts.topic),
    secrets,
    databases: parts.databases.servers.flatMap(({ server, databases: names }) =>
      names.map((name) => ({ server, name })),
    ),
    close: () => everything.disposeAsync(),
  };
}

function toSecrets({ storage, serviceBus, eventHubs, batch, databases }: Parts): Stage["secrets"] {
  return {
    StorageAccountName: storage.accountName,
    StorageAccountKey: storage.accountKey,
    EventHubConnectionString: eventHubs.connectionString,
    ServiceBusTopicConnectionString: serviceBus.connectionString,
    BatchAccountKey: batch.accountKey,
    ContainerRegistryPassword: "none",
    UserName: databases.login.user,
    Password: databases.login.password,
  };
}

async function storeSecrets(parts: Parts, values: Stage["secrets"]): Promise<void> {
  Object.assign(process.env, parts.functionAppIdentity, {
    AZURE_TOKEN_CREDENTIALS: "ManagedIdentityCredential",
  });
  const vault = createSecrets({
    vaultUrl: parts.keyVault.url,
    verifyChallenge: false,
    credential: createCredential(parts.identities.functionApp.clientId),
  });
  for (const [name, value] of Object.entries(values)) await vault.write(name as SecretName, value);
}
