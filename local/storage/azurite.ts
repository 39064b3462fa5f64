import { randomBytes } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { startChild } from "../child.ts";
import type { RunningPart } from "../part.ts";
import type { RunningFront, StorageFront, StorageService } from "./front/front.ts";

/** Azure Storage on one machine: Azurite's blob, queue and table services in a child process. */

export interface StorageOptions {
  /** Where the data lives. Absent = in memory, gone when stopped. */
  readonly folder?: string;
  /** 0 or absent = any free one. */
  readonly ports?: { readonly blob?: number; readonly queue?: number; readonly table?: number };
  /** PEM. With it the three services speak https, and `oauth` is possible. */
  readonly tls?: { readonly key: string; readonly cert: string };
  /**
   * Accept bearer tokens (needs `tls`). Azurite looks at issuer, audience and times only, never at the
   * signature or at roles: those are for a front to see to.
   */
  readonly oauth?: boolean;
  /** Absent = `devstoreaccount1`. */
  readonly accountName?: string;
  /** Base64. Absent = a new random one. */
  readonly accountKey?: string;
  readonly onUnexpectedExit?: (reason: string) => void;
  /** Between the clients and Azurite, the innermost first; stopped with the storage. */
  readonly fronts?: readonly StorageFront[];
}

export interface RunningStorage extends RunningPart {
  /** With the account as first path segment, no slash at the end: `http://127.0.0.1:49152/devstoreaccount1`. */
  readonly endpoints: { readonly blob: string; readonly queue: string; readonly table: string };
  readonly accountName: string;
  readonly accountKey: string;
  readonly connectionString: string;
  /** Past the fronts: for looking inside. */
  readonly innerConnectionString: string;
  readonly pid: number;
}

/** Starts Azurite and waits until blob, queue and table listen. @throws Error with what Azurite said. */
export async function startStorage(options: StorageOptions = {}): Promise<RunningStorage> {
  const accountName = options.accountName ?? "devstoreaccount1";
  const accountKey = options.accountKey ?? randomBytes(64).toString("base64");
  const certificates = options.tls ? await writeCertificates(options.tls) : undefined;
  const child = await startChild<{ Blob: string; Queue: string; Table: string }>({
    module: fileURLToPath(new URL("azurite-child.ts", import.meta.url)),
    args: azuriteArguments(options, certificates),
    env: { AZURITE_ACCOUNTS: `${accountName}:${accountKey}` },
    cwd: tmpdir(),
    ...(options.onUnexpectedExit ? { onUnexpectedExit: options.onUnexpectedExit } : {}),
  }).finally(() => removeCertificates(certificates));
  const inner = {
    blob: `${child.ready.Blob}/${accountName}`,
    queue: `${child.ready.Queue}/${accountName}`,
    table: `${child.ready.Table}/${accountName}`,
  };
  await using undo = new AsyncDisposableStack();
  undo.defer(() => child.stop());
  const endpoints = await putFronts(inner, options.fronts ?? [], undo);
  const connectionString = toConnectionString(accountName, accountKey, endpoints);
  const everything = undo.move();
  return {
    endpoints,
    accountName,
    accountKey,
    connectionString,
    innerConnectionString: toConnectionString(accountName, accountKey, inner),
    pid: child.pid,
    env: { AzureWebJobsStorage: connectionString },
    listening: Object.entries(endpoints).map(([name, address]) => ({ name: `Storage (${name})`, address })),
    stop: () => everything.disposeAsync(),
  };
}

type Endpoints = RunningStorage["endpoints"];

async function putFronts(
  inner: Endpoints,
  fronts: readonly StorageFront[],
  undo: AsyncDisposableStack,
): Promise<Endpoints> {
  const through = async (service: StorageService): Promise<string> => {
    const endpoint = new URL(inner[service]);
    for (const put of fronts) {
      const front: RunningFront | undefined = await put(service, Number(endpoint.port));
      if (!front) continue;
      undo.defer(() => front.stop());
      endpoint.port = String(front.port);
    }
    return endpoint.href;
  };
  const [blob, queue, table] = await Promise.all([through("blob"), through("queue"), through("table")]);
  return { blob, queue, table };
}

function azuriteArguments(options: StorageOptions, certificates: string | undefined): string[] {
  const { blob = 0, queue = 0, table = 0 } = options.ports ?? {};
  return [
    "--silent",
    "--disableTelemetry",
    // The SDKs ask for API versions newer than Azurite knows; without this every call answers 400.
    "--skipApiVersionCheck",
    ...["--blobPort", String(blob), "--queuePort", String(queue), "--tablePort", String(table)],
    ...(options.folder === undefined ? ["--inMemoryPersistence"] : ["--location", options.folder]),
    ...(certificates === undefined
      ? []
      : ["--cert", join(certificates, "cert.pem"), "--key", join(certificates, "key.pem")]),
    ...(options.oauth === true ? ["--oauth", "basic"] : []),
  ];
}

/** Azurite takes certificates as files and reads them once, at the start. */
async function writeCertificates(tls: { key: string; cert: string }): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "azurite-"));
  await writeFile(join(folder, "key.pem"), tls.key, { mode: 0o600 });
  await writeFile(join(folder, "cert.pem"), tls.cert);
  return folder;
}

async function removeCertificates(folder: string | undefined): Promise<void> {
  if (folder !== undefined) await rm(folder, { recursive: true, force: true });
}

function toConnectionString(name: string, key: string, endpoints: Endpoints): string {
  return [
    `DefaultEndpointsProtocol=${new URL(endpoints.blob).protocol.slice(0, -1)}`,
    `AccountName=${name}`,
    `AccountKey=${key}`,
    `BlobEndpoint=${endpoints.blob}`,
    `QueueEndpoint=${endpoints.queue}`,
    `TableEndpoint=${endpoints.table}`,
  ].join(";");
}
