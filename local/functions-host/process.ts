import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { startChild, type RunningChild } from "../child.ts";
import type { HostChildOptions, HostChildReady } from "./child.ts";
import type { HostKeys } from "./options.ts";

export interface HostProcessOptions {
  readonly root: string;
  /** Glob of the app's modules. */
  readonly app: string;
  readonly port: number;
  readonly keys: HostKeys;
  readonly storeFile: string;
  /** App settings: the whole environment of the process. */
  readonly settings: Readonly<Record<string, string>>;
  readonly log?: ((line: string) => void) | undefined;
  readonly onFailure: (reason: string) => void;
}

export interface HostProcess {
  readonly address: string;
  /** SIGKILL, then a new process on the same port and store: what a crash looks like. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** The Functions host in a process of its own, so that it can be killed without the rest of the stack. */
export async function startHostProcess(options: HostProcessOptions): Promise<HostProcess> {
  let child = await startHost(options, options.port);
  const { address } = child.ready;
  return {
    address,
    restart: async () => {
      await child.kill();
      child = await startHost(options, Number(new URL(address).port));
    },
    stop: () => child.stop(),
  };
}

function startHost(options: HostProcessOptions, port: number): Promise<RunningChild<HostChildReady>> {
  const hostOptions: HostChildOptions = {
    app: [options.app],
    hostJson: join(options.root, "host.json"),
    port,
    keys: options.keys,
    storeFile: options.storeFile,
  };
  return startChild<HostChildReady>({
    module: fileURLToPath(new URL("child.ts", import.meta.url)),
    env: { ...options.settings, HOST_OPTIONS: JSON.stringify(hostOptions) },
    graceMilliseconds: 15_000,
    onMessage: (message) => {
      const { log } = message as { log?: { level: string; category: string; message: string } };
      if (log) options.log?.(`${log.level} ${log.category}: ${log.message}`);
    },
    onUnexpectedExit: (reason) => {
      options.onFailure(`The Functions host ended: ${reason}`);
    },
  });
}
