import type { DurableBackend, DurableRequest } from "../../../local/functions-host/invoker.ts";
import type { DurableContext, FunctionsHostOptions } from "../../../local/functions-host/options.ts";
import { createManualClock, type ManualClock } from "./manual-clock.ts";

/** A durable backend that only knows how to be asked: what Durable does is not these tests' subject. */
interface AskedBackend extends DurableBackend {
  readonly requests: DurableRequest[];
  context?: DurableContext;
}

function createAskedBackend(): AskedBackend {
  const requests: DurableRequest[] = [];
  const backend: AskedBackend = {
    requests,
    clientBinding: () => toClientBinding(backend.context!.baseUrl),
    handle: (asked) => {
      requests.push(asked);
      if (asked.url.pathname.includes("unknown")) return Promise.resolve(undefined);
      const body = Buffer.from(JSON.stringify({ id: "one" }));
      return Promise.resolve({ status: 202, headers: { "content-type": "application/json" }, body });
    },
    start: () => Promise.resolve(),
    stop: () => Promise.resolve(),
  };
  return backend;
}

export interface TestOptions extends FunctionsHostOptions {
  readonly clock: ManualClock;
  readonly durable: AskedBackend;
  readonly logged: string[];
}

/** Options for the app in fixtures/app.ts, and what the host does with them to look at. */
export function createTestOptions(): TestOptions {
  const durable = createAskedBackend();
  const logged: string[] = [];
  return {
    app: [new URL("./fixtures/app.ts", import.meta.url)],
    port: 0,
    keys: {
      master: "the-master",
      function: { default: "the-key", other: "the-other" },
      durableSystem: "sys",
    },
    hostJson: {
      version: "2.0",
      functionTimeout: "00:05:00",
      extensions: { durableTask: { hubName: "%HUB%", maxConcurrentActivityFunctions: 3 } },
    },
    settings: {
      OWN_SETTING: "mine",
      HUB: "hub",
      TICK_SCHEDULE: "*/30 * * * * *",
      FUNCTIONS_REQUEST_BODY_SIZE_LIMIT: "1000",
    },
    clock: createManualClock("2026-01-01T00:00:00Z"),
    createDurable: (_invoker, context) => {
      durable.context = context;
      return durable;
    },
    log: (level, category, message) => logged.push(`${level} ${category} ${message}`),
    graceMilliseconds: 200,
    durable,
    logged,
  };
}

function toClientBinding(baseUrl: string): string {
  const url = `${baseUrl}/runtime/webhooks/durabletask/x`;
  return JSON.stringify({
    taskHubName: "hub",
    creationUrls: { createNewInstancePostUri: url, createAndWaitOnNewInstancePostUri: url },
    managementUrls: { id: "INSTANCEID", statusQueryGetUri: url },
    baseUrl,
    requiredQueryStringParameters: "code=sys",
    rpcBaseUrl: `${baseUrl}/durabletask/`,
  });
}
