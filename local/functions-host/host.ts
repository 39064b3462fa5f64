import type { RunningPart } from "../part.ts";
import { installCoreApi } from "./app/core-api.ts";
import { withLogHooks } from "./app/hooks.ts";
import { loadApp } from "./app/load-app.ts";
import { applySettings } from "./environment.ts";
import { createHostClock } from "./host-clock.ts";
import { HostJson } from "./host-json.ts";
import { startHttpFront } from "./http/front.ts";
import type { FunctionInvoker } from "./invoker.ts";
import type { FunctionsHostOptions } from "./options.ts";
import { serveApp } from "./serve-app.ts";

export interface FunctionsHost extends RunningPart {
  readonly invoker: FunctionInvoker;
  /** `http://127.0.0.1:PORT`, without a slash at the end. */
  readonly address: string;
  /** Keys that open functions of `authLevel: "function"`, by their names. */
  readonly functionKeys: Readonly<Record<string, string>>;
}

/**
 * Starts an Azure Functions app as the Functions host does: loads it through the real `@azure/functions`
 * programming model, serves its HTTP routes, runs its timers and Event Hubs triggers and, with a backend given,
 * its Durable functions. While it runs, `process.env` holds the app settings.
 *
 * One app per process: the programming model keeps the first core API it meets, and Node loads a module once.
 * The same app may be started again in the same process after `stop`.
 * @throws {Error} for an app, a host.json or a setting that cannot work; nothing is left running then.
 */
export async function startFunctionsHost(options: FunctionsHostOptions): Promise<FunctionsHost> {
  await using undo = new AsyncDisposableStack();
  const hostJson = HostJson.parse(options.hostJson);
  const log = options.log ?? (() => undefined);
  const front = await startHttpFront(options.port, log);
  undo.defer(() => front.close());
  const place = `127.0.0.1:${front.port}`;
  // The Durable client rewrites its URLs to localhost:7071 when this one is missing.
  undo.defer(applySettings({ ...options.settings, WEBSITE_HOSTNAME: place }));
  undo.defer(installCoreApi(log));
  const clock = createHostClock(options.clock);
  undo.defer(() => {
    clock.stop();
  });
  const app = await loadApp(options.app);
  const address = `http://${place}`;
  const invoker = await serveApp(
    { app, options, hostJson, address, clock, log: withLogHooks(app, log) },
    front.open,
    undo,
  );
  const everything = undo.move();
  return {
    invoker,
    address,
    functionKeys: options.keys.function,
    env: {},
    listening: [{ name: "Functions host", address }],
    stop: () => everything.disposeAsync(),
  };
}
