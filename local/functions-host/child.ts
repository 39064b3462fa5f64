import { readFile } from "node:fs/promises";
import { runAsChild, tellParent } from "../child-side.ts";
import { systemClock } from "../part.ts";
import { createDurableBackend } from "./durable/backend.ts";
import { startFunctionsHost } from "./host.ts";
import type { HostKeys } from "./options.ts";

/** What the stack tells the host's process, as JSON in its environment: arguments would show in process lists. */
export interface HostChildOptions {
  /** Files, URLs or glob patterns of the app's modules. */
  readonly app: readonly string[];
  readonly hostJson: string;
  readonly port: number;
  readonly keys: HostKeys;
  /** SQLite file of the Durable backend. */
  readonly storeFile: string;
}

export interface HostChildReady {
  readonly address: string;
}

const { HOST_OPTIONS, ...settings } = process.env;

await runAsChild(async () => {
  const options = JSON.parse(HOST_OPTIONS ?? "{}") as HostChildOptions;
  delete process.env["HOST_OPTIONS"];
  const host = await startFunctionsHost({
    app: options.app,
    hostJson: JSON.parse(await readFile(options.hostJson, "utf8")),
    port: options.port,
    keys: options.keys,
    settings,
    clock: systemClock,
    createDurable: (invoker, context) =>
      createDurableBackend({ ...context, invoker, storeFile: options.storeFile, clock: systemClock }),
    log: (level, category, message) => {
      if (level !== "trace" && level !== "debug") tellParent({ log: { level, category, message } });
    },
  });
  return { payload: { address: host.address } satisfies HostChildReady, stop: () => host.stop() };
});
