import { randomBytes } from "node:crypto";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { RunningBatch } from "./batch/server.ts";
import type { RunningKubernetes } from "./kubernetes/server.ts";
import type { RunningEventHubs } from "./event-hubs/server.ts";
import { startHostProcess } from "./functions-host/process.ts";
import type { RunningKeyVault } from "./key-vault/server.ts";
import { startParts } from "./parts.ts";
import type { PartsOptions } from "./parts/options.ts";
import type { RunningServiceBus } from "./service-bus/server.ts";
import type { Databases } from "./sql-server/tenant-databases.ts";
import type { StackFile } from "./stack-file.ts";
import { toFunctionSettings, toStackFile } from "./wiring.ts";

export interface StackOptions extends PartsOptions {
  /** Of the Functions host; 0 = any free one. */
  readonly port: number;
  /** App settings that take the place of the stack's. */
  readonly settings?: Readonly<Record<string, string>>;
  readonly log?: (line: string) => void;
  /** Glob of the Function App's modules; default: as they are written, `functions/*.ts`. */
  readonly app?: string;
  /** Where to write what other clients need to look inside; default `stack.json` in the folder. */
  readonly stackFile?: string;
}

export interface Stack {
  readonly file: StackFile;
  readonly listening: readonly { readonly name: string; readonly address: string }[];
  /** For tests that interfere. */
  readonly keyVault: RunningKeyVault;
  readonly batch: RunningBatch;
  readonly kubernetes: RunningKubernetes;
  readonly serviceBus: RunningServiceBus;
  readonly eventHubs: RunningEventHubs;
  /** Absent with a real SQL Server. */
  readonly sqlFaults: Databases["faults"];
  /** Kills the Functions host (SIGKILL) and starts it again on the same port and the same state. */
  restartHost(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts all parts on 127.0.0.1; when one fails, those before it are stopped again. */
export async function startStack(options: StackOptions): Promise<Stack> {
  await using undo = new AsyncDisposableStack();
  await rm(options.folder, { recursive: true, force: true });
  await mkdir(options.folder, { recursive: true });
  const parts = await startParts(options, undo);
  const keys = {
    master: randomBytes(24).toString("base64url"),
    function: randomBytes(24).toString("base64url"),
  };
  const host = await startHostProcess({
    root: options.root,
    app: options.app ?? join(options.root, "functions", "*.ts"),
    port: options.port,
    keys: { master: keys.master, function: { default: keys.function } },
    storeFile: join(options.folder, "durable.sqlite"),
    settings: { ...toFunctionSettings(parts), ...options.settings },
    log: options.log,
    onFailure: options.onFailure,
  });
  undo.defer(() => host.stop());

  const file = toStackFile(parts, { api: `${host.address}/api`, ...keys });
  await writeFile(
    options.stackFile ?? join(options.folder, "stack.json"),
    JSON.stringify(file, undefined, 2),
    { mode: 0o600 },
  );
  const everything = undo.move();
  const { identity, keyVault, storage, serviceBus, eventHubs, batch, kubernetes, databases } = parts;
  return {
    file,
    listening: [
      { name: "Functions host", address: host.address },
      ...[identity, keyVault, storage, serviceBus, eventHubs, batch, kubernetes, databases].flatMap(
        ({ listening }) => listening,
      ),
    ],
    ...{ keyVault, batch, kubernetes, serviceBus, eventHubs, sqlFaults: databases.faults },
    restartHost: () => host.restart(),
    stop: () => everything.disposeAsync(),
  };
}
