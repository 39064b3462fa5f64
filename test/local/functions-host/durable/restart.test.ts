import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as df from "durable-functions";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createManualClock } from "../manual-clock.ts";
import { startApp, waitForEnd, waitForStatus } from "./start-app.ts";

let folder: string;
let storeFile: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "durable-"));
  storeFile = join(folder, "store.db");
});
afterEach(() => rm(folder, { recursive: true }));

describe("a new backend on the same file goes on with", () => {
  const isStatus = (wanted: string) => (status: { readonly runtimeStatus: string }) =>
    status.runtimeStatus === wanted;
  const isRunning = isStatus("Running");

  it("an orchestration that waits for an event", async () => {
    const first = await startApp({ storeFile });
    const id = await first.client.startNew("waiting-for-two");
    await first.client.raiseEvent(id, "second", 2);
    await waitForStatus(first.client, id, isRunning);
    await first.stop();
    const second = await startApp({ storeFile });
    await second.client.raiseEvent(id, "first", 1);
    expect((await waitForEnd(second.client, id)).output).toEqual([1, 2]);
    await second.stop();
  });

  it("a timer, by the clock: one that came due meanwhile fires at once", async () => {
    const clock = createManualClock("2026-01-01T00:00:00Z");
    const first = await startApp({ storeFile, clock });
    const id = await first.client.startNew("timed", { input: 60_000 });
    await waitForStatus(first.client, id, ({ history }) => history!.length === 4);
    await first.stop();
    const later = createManualClock("2026-01-01T01:00:00Z");
    const second = await startApp({ storeFile, clock: later });
    await later.advance(0);
    expect((await waitForEnd(second.client, id)).output).toBe(3_600_000);
    await second.stop();
  });

  it("activities that were queued", async () => {
    const first = await startApp({ storeFile });
    const id = await first.client.startNew("fan-out-gated");
    await waitForStatus(first.client, id, isRunning);
    await first.stop();
    const second = await startApp({ storeFile });
    expect((await waitForEnd(second.client, id)).runtimeStatus).toBe("Completed");
    await second.stop();
  });

  it("one that is suspended, which stays so", async () => {
    const first = await startApp({ storeFile });
    const id = await first.client.startNew("racing");
    await first.client.suspend(id, "");
    await first.client.raiseEvent(id, "go", "kept");
    await waitForStatus(first.client, id, isStatus("Suspended"));
    await first.stop();
    const second = await startApp({ storeFile });
    expect((await second.client.getStatus(id)).runtimeStatus).toBe("Suspended");
    await second.client.resume(id, "");
    expect((await waitForEnd(second.client, id)).output).toBe("kept");
    await second.stop();
  });

  it("what is asked for before it starts, and what entities know", async () => {
    const first = await startApp({ storeFile });
    const id = new df.EntityId("Counter", "kept");
    await first.client.signalEntity(id, "add", 3);
    await expect.poll(async () => (await first.client.readEntityState(id)).entityState).toBe(3);
    await first.stop();
    const second = await startApp({ storeFile });
    expect((await second.client.readEntityState(id)).entityState).toBe(3);
    await second.stop();
  });
});
