import { randomBytes } from "node:crypto";
import type { Clock } from "../part.ts";
import { describeFunctions, fillIn } from "./app/bindings.ts";
import type { AppRegistry } from "./app/core-api.ts";
import type { LogSink } from "./app/core-types.ts";
import type { HostJson } from "./host-json.ts";
import type { ExchangeHandler } from "./http/front.ts";
import { createHttpHandler } from "./http/handle.ts";
import { createKeyRing } from "./http/keys.ts";
import { collectRoutes } from "./http/routes.ts";
import { createInvoker, type HostInvoker } from "./invoke.ts";
import type { DurableBackend, RegisteredFunction } from "./invoker.ts";
import type { DurableContext, FunctionsHostOptions } from "./options.ts";
import { runWithRetries } from "./run-with-retries.ts";
import { createRunning, type Running } from "./running.ts";
import type { TriggerContext } from "./trigger.ts";
import type { RunningTriggers } from "./triggers.ts";

export interface LoadedHost {
  readonly app: AppRegistry;
  readonly options: FunctionsHostOptions;
  readonly hostJson: HostJson;
  readonly address: string;
  readonly clock: Clock;
  readonly log: LogSink;
}

/** The host's pieces, connected to each other; nothing runs yet. */
export interface WiredHost {
  readonly functions: readonly RegisteredFunction[];
  readonly invoker: HostInvoker;
  readonly handler: ExchangeHandler;
  readonly triggerContext: TriggerContext;
  readonly running: Running;
  readonly state: HostState;
}

interface HostState {
  readonly durable: DurableBackend | undefined;
  readonly stopping: AbortController;
  triggers: RunningTriggers | undefined;
}

/** Bytes; the real host's default for FUNCTIONS_REQUEST_BODY_SIZE_LIMIT. */
const defaultBodyLimit = 104_857_600;

/** @throws {Error} for a binding, route or setting that cannot work. */
export function wireHost(host: LoadedHost): WiredHost {
  const { settings, keys } = host.options;
  const systemKey = keys.durableSystem ?? randomBytes(32).toString("base64url");
  const functions = describeFunctions(host.app, settings);
  const routes = collectRoutes(functions, host.hostJson.extensions.http.routePrefix);
  const { invoker, durable } = wireInvoker(host, functions, systemKey);
  const running = createRunning();
  const state: HostState = { durable, stopping: new AbortController(), triggers: undefined };
  const triggerContext = wireTriggers(host, invoker, running, state);
  const keyRing = createKeyRing(keys, systemKey);
  const handler = createHttpHandler({
    routes,
    keys: keyRing,
    invoker,
    durable,
    admin: {
      status,
      functions: () => functions.map(({ name, trigger }) => ({ name, config: { bindings: [trigger] } })),
      setFunctionKey: (name, key, value) =>
        functions.some((each) => each.name.toLowerCase() === name.toLowerCase())
          ? keyRing.setFunctionKey(name, key, value)
          : undefined,
      runByHand: (name, input) => runByHand({ functions, state, triggerContext }, name, input),
    },
    running,
    bodyLimit: Number(settings["FUNCTIONS_REQUEST_BODY_SIZE_LIMIT"] ?? defaultBodyLimit),
    stopping: state.stopping.signal,
    log: host.log,
  });
  return { functions, invoker, handler, triggerContext, running, state };
}

/** Invoker and Durable need each other: the one hands out the other's client binding. */
function wireInvoker(
  host: LoadedHost,
  functions: readonly RegisteredFunction[],
  systemKey: string,
): { invoker: HostInvoker; durable: DurableBackend | undefined } {
  const { app, options, hostJson, clock, log } = host;
  const invoker = createInvoker(app, {
    functions,
    clock,
    log,
    timeout: hostJson.functionTimeout,
    extraInput: () => durable && { json: durable.clientBinding() },
  });
  const durable: DurableBackend | undefined = options.createDurable?.(
    invoker,
    toDurableContext(host, systemKey),
  );
  return { invoker, durable };
}

function wireTriggers(
  { app, options, clock, log }: LoadedHost,
  invoker: HostInvoker,
  running: Running,
  state: HostState,
): TriggerContext {
  const { settings } = options;
  const parts = { app, invoker, clock, log, stopping: state.stopping.signal };
  return {
    settings,
    clock,
    log,
    run: (name, trigger) => running.track(runWithRetries(name, trigger, parts)),
  };
}

function toDurableContext(host: LoadedHost, systemKey: string): DurableContext {
  const { hubName, ...limits } = host.hostJson.extensions.durableTask;
  return {
    baseUrl: host.address,
    hubName: fillIn(hubName, host.options.settings),
    systemKey,
    limits,
  };
}

function status(): Readonly<Record<string, unknown>> {
  return { state: "Running", version: "4.1040.0", processUptime: Math.round(process.uptime() * 1000) };
}

function runByHand(
  { functions, state, triggerContext }: Pick<WiredHost, "functions" | "state" | "triggerContext">,
  name: string,
  input: string,
): boolean {
  const target = functions.find((each) => each.name.toLowerCase() === name.toLowerCase());
  if (target === undefined || target.triggerType === "httpTrigger") return false;
  const trigger = state.triggers?.find(target.name);
  void (trigger?.runByHand(input) ?? triggerContext.run(target.name, { data: { string: input } }));
  return true;
}
