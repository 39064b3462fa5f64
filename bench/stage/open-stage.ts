import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { startParts, type Parts } from "../../local/parts.ts";
import { root } from "../../local/root.ts";
import { toFunctionSettings, toStackFile } from "../../local/wiring.ts";
import { SecretName } from "../../model/secrets.ts";
import { FunctionSettings, parseSettings } from "../../model/settings.ts";
import { createServices } from "../../services/create-services.ts";
import type { Services } from "../../services/services.ts";

interface StageOptions {
  readonly databases: number;
  /** Connection string of a real SQL Server; absent: the stand-in. */
  readonly sql?: string;
}

/** Everything a worker meets, running: services, a fleet of databases, and secrets in the vault. */
export interface Stage {
  readonly parts: Parts;
  readonly settings: FunctionSettings;
  readonly services: Services;
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
  const { settings, services } = await createFunctionApp(parts);
  const everything = undo.move();
  return {
    ...{ parts, settings, services },
    databases: parts.databases.servers.flatMap(({ server, databases: names }) =>
      names.map((name) => ({ server, name })),
    ),
    close: () => everything.disposeAsync(),
  };
}

/** This process takes the Function App's part: its identity, its settings, its services; and stores the secrets. */
async function createFunctionApp(parts: Parts): Promise<Pick<Stage, "settings" | "services">> {
  setDefaultCACertificates([...getCACertificates("default"), await readFile(parts.caFile, "utf8")]);
  const hosts = parts.databases.servers.map(({ server }) => server.split(/[,\\]/)[0]);
  const environment = { ...toFunctionSettings(parts), SQL_SERVER_ALLOW_LIST: [...new Set(hosts)].join(",") };
  Object.assign(process.env, environment);
  const settings = parseSettings(FunctionSettings, environment);
  const services = createServices(settings);
  const { secrets } = toStackFile(parts, { api: "", master: "", function: "" });
  for (const [name, value] of Object.entries(secrets)) {
    await services.secrets.write(SecretName.parse(name), value);
  }
  return { settings, services };
}
