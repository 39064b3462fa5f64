import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import type { InvocationContext } from "@azure/functions";
import * as df from "durable-functions";
import { installCoreApi } from "../../../../local/functions-host/app/core-api.ts";
import { loadApp } from "../../../../local/functions-host/app/load-app.ts";
import { createDurableBackend } from "../../../../local/functions-host/durable/backend.ts";
import type { DurableEvent, DurableLimits } from "../../../../local/functions-host/durable/options.ts";
import type { DurableBackend, FunctionInvoker } from "../../../../local/functions-host/invoker.ts";
import { type Clock, systemClock } from "../../../../local/part.ts";
import { createTestInvoker } from "./invoker.ts";

export const systemKey = "test-system-key";

export interface TestApp {
  readonly baseUrl: string;
  readonly binding: string;
  readonly client: df.DurableClient;
  /** What the backend logged. */
  readonly events: readonly DurableEvent[];
  stop(): Promise<void>;
}

export interface TestAppOptions {
  readonly storeFile?: string;
  readonly clock?: Clock;
  readonly limits?: DurableLimits;
  /** Stands between the backend and the app. */
  readonly wrap?: (invoker: FunctionInvoker) => FunctionInvoker;
}

/** The fixture app on a durable backend behind a real HTTP server. */
export async function startApp(options: TestAppOptions = {}): Promise<TestApp> {
  installCoreApi(() => undefined);
  const app = await loadApp([new URL("fixtures/app.ts", import.meta.url)]);
  let backend: DurableBackend | undefined = undefined;
  const server = createServer((request, response) => {
    void answer(backend!, request).then(({ status, headers, body }) => {
      response.writeHead(status, headers).end(body);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const baseUrl = `http://127.0.0.1:${port}`;
  process.env["WEBSITE_HOSTNAME"] = `127.0.0.1:${port}`;
  const events: DurableEvent[] = [];
  backend = createDurableBackend({
    invoker: (options.wrap ?? ((invoker) => invoker))(createTestInvoker(app)),
    baseUrl,
    hubName: "TestHub",
    systemKey,
    storeFile: options.storeFile ?? ":memory:",
    clock: options.clock ?? systemClock,
    ...(options.limits === undefined ? {} : { limits: options.limits }),
    log: (event) => events.push(event),
  });
  await backend.start();
  const binding = backend.clientBinding();
  return { baseUrl, binding, client: connectClient(binding), events, stop: () => stop(backend, server) };
}

async function stop(backend: DurableBackend, server: ReturnType<typeof createServer>): Promise<void> {
  await backend.stop();
  server.close();
  server.closeAllConnections();
}

/** The real client, as `df.getClient` makes it of the binding a function was given. */
export function connectClient(binding: string): df.DurableClient {
  const input = df.input.durableClient();
  const extraInputs = { get: () => JSON.parse(binding) as unknown };
  return df.getClient({ options: { extraInputs: [input] }, extraInputs } as unknown as InvocationContext);
}

async function answer(
  backend: DurableBackend,
  request: IncomingMessage,
): Promise<{ status: number; headers: Readonly<Record<string, string>>; body: Uint8Array }> {
  const body = await buffer(request);
  const url = new URL(request.url!, `http://${request.headers.host!}`);
  const headers = Object.fromEntries(
    Object.entries(request.headers).map(([key, value]) => [key, String(value)]),
  );
  const response = await backend.handle({ method: request.method!, url, headers, body });
  return response ?? { status: 404, headers: {}, body: Buffer.from("not Durable's") };
}

const ended: readonly string[] = ["Completed", "Failed", "Terminated"];

/** Waits until an instance has ended; its status. */
export async function waitForEnd(
  client: df.DurableClient,
  id: string,
): Promise<df.DurableOrchestrationStatus> {
  return await waitForStatus(client, id, ({ runtimeStatus }) => ended.includes(runtimeStatus));
}

export async function waitForStatus(
  client: df.DurableClient,
  id: string,
  isIt: (status: df.DurableOrchestrationStatus) => boolean,
): Promise<df.DurableOrchestrationStatus> {
  for (;;) {
    const status = await client.getStatus(id, { showHistory: true, showHistoryOutput: true });
    if (isIt(status)) return status;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** Starts an orchestration and waits for its end. */
export async function run(
  { client }: Pick<TestApp, "client">,
  name: string,
  input?: unknown,
): Promise<df.DurableOrchestrationStatus> {
  return await waitForEnd(client, await client.startNew(name, { input }));
}
