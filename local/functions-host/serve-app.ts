import type { AppRegistry } from "./app/core-api.ts";
import { runHooks } from "./app/hooks.ts";
import type { ExchangeHandler } from "./http/front.ts";
import type { HostInvoker } from "./invoke.ts";
import type { DurableBackend } from "./invoker.ts";
import { startTriggers } from "./triggers.ts";
import { type LoadedHost, wireHost } from "./wire-host.ts";

const defaultGraceMilliseconds = 10_000;

/**
 * Puts a loaded app to work. `undo` takes back in reverse order: take up nothing new, wait for what runs (it may
 * still need Durable and HTTP), stop Durable, tell the app.
 */
export async function serveApp(
  host: LoadedHost,
  openFront: (handler: ExchangeHandler) => void,
  undo: AsyncDisposableStack,
): Promise<HostInvoker> {
  const wired = wireHost(host);
  await startLifetime(host.app, undo);
  openFront(wired.handler);
  if (wired.state.durable !== undefined) await startDurable(wired.state.durable, undo);
  undo.defer(async () => {
    const limit = host.options.graceMilliseconds ?? defaultGraceMilliseconds;
    if (await wired.running.drain(limit)) return;
    host.log("warning", "Host.General", `Stopping without the invocations that ran longer than ${limit} ms`);
  });
  const triggers = await startTriggers(
    wired.functions,
    wired.triggerContext,
    host.hostJson.extensions.eventHubs,
  );
  undo.defer(() => triggers.stop());
  wired.state.triggers = triggers;
  undo.defer(() => {
    wired.state.stopping.abort();
  });
  return wired.invoker;
}

async function startLifetime(app: AppRegistry, undo: AsyncDisposableStack): Promise<void> {
  const hookData = {};
  await runHooks(app, "appStart", { hookData, functionAppDirectory: process.cwd() });
  undo.defer(() => runHooks(app, "appTerminate", { hookData }));
}

async function startDurable(durable: DurableBackend, undo: AsyncDisposableStack): Promise<void> {
  undo.defer(() => durable.stop());
  await durable.start();
}
