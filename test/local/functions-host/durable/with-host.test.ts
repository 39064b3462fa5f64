import { expect, it } from "vitest";
import { createDurableBackend } from "../../../../local/functions-host/durable/backend.ts";
import { startFunctionsHost } from "../../../../local/functions-host/host.ts";
import { systemClock } from "../../../../local/part.ts";

it("works in the Functions host: a function starts an orchestration and answers with its URLs", async () => {
  const host = await startFunctionsHost({
    app: [new URL("fixtures/app.ts", import.meta.url)],
    port: 0,
    keys: { master: "master", function: {} },
    hostJson: { version: "2.0" },
    settings: {},
    clock: systemClock,
    createDurable: (invoker, context) =>
      createDurableBackend({ ...context, invoker, storeFile: ":memory:", clock: systemClock }),
  });
  const start = async (name: string, input: unknown): Promise<{ id: string; statusQueryGetUri: string }> => {
    const body = JSON.stringify(input);
    const response = await fetch(`${host.address}/api/start/${name}`, { method: "POST", body });
    expect(response.status).toBe(202);
    return (await response.json()) as { id: string; statusQueryGetUri: string };
  };
  const { statusQueryGetUri } = await start("one-activity", 9);
  const read = async (): Promise<unknown> => await (await fetch(statusQueryGetUri)).json();
  await expect.poll(read).toMatchObject({ runtimeStatus: "Completed", output: 81 });
  await host.stop();
});
