import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { switches } from "./fixtures/switches.ts";
import { run, startApp, type TestApp, waitForEnd, waitForStatus } from "./start-app.ts";

describe("orchestrations under a client's control", () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startApp();
  });
  afterAll(() => app.stop());
  const isStatus = (wanted: string) => (status: { readonly runtimeStatus: string }) =>
    status.runtimeStatus === wanted;

  it("takes external events as they come, and shows its custom status", async () => {
    const id = await app.client.startNew("waiting-for-two");
    await app.client.raiseEvent(id, "first", { a: 1 });
    const status = await waitForStatus(app.client, id, ({ customStatus }) => customStatus !== null);
    expect(status.customStatus).toEqual({ got: { a: 1 } });
    await app.client.raiseEvent(id, "second", undefined);
    expect((await waitForEnd(app.client, id)).output).toEqual([{ a: 1 }, null]);
  });

  it("keeps an event that comes before it is waited for", async () => {
    const id = await app.client.startNew("waiting-for-two");
    await app.client.raiseEvent(id, "second", 2);
    await app.client.raiseEvent(id, "first", 1);
    expect((await waitForEnd(app.client, id)).output).toEqual([1, 2]);
  });

  it("matches the names of events whatever their case, early ones too", async () => {
    const id = await app.client.startNew("waiting-for-two");
    await app.client.raiseEvent(id, "SECOND", 2);
    await waitForStatus(app.client, id, isStatus("Running"));
    await app.client.raiseEvent(id, "First", 1);
    expect((await waitForEnd(app.client, id)).output).toEqual([1, 2]);
  });

  it("carries events nobody has read over continueAsNew, in order", async () => {
    const id = await app.client.startNew("collecting", { input: { wanted: 5, got: [] } });
    for (const value of [1, 2, 3, 4, 5]) await app.client.raiseEvent(id, "number", value);
    expect((await waitForEnd(app.client, id)).output).toEqual([1, 2, 3, 4, 5]);
  });

  it("cancels the timer that lost a race", async () => {
    const id = await app.client.startNew("racing");
    await app.client.raiseEvent(id, "go", "won");
    expect(await waitForEnd(app.client, id)).toMatchObject({ runtimeStatus: "Completed", output: "won" });
  });

  it("terminates, and answers 410 to what comes later", async () => {
    const id = await app.client.startNew("racing");
    await waitForStatus(app.client, id, isStatus("Running"));
    await app.client.terminate(id, "no longer needed");
    const status = await waitForEnd(app.client, id);
    expect(status).toMatchObject({ runtimeStatus: "Terminated", output: "no longer needed" });
    await app.client.raiseEvent(id, "go", "late");
    expect((await app.client.getStatus(id)).runtimeStatus).toBe("Terminated");
  });

  it("suspends: events wait until it is resumed", async () => {
    const id = await app.client.startNew("racing");
    await app.client.suspend(id, "a pause");
    await waitForStatus(app.client, id, isStatus("Suspended"));
    await app.client.raiseEvent(id, "go", "held back");
    await run(app, "one-activity", 1); // time enough for the event to be delivered, were it
    expect((await app.client.getStatus(id)).runtimeStatus).toBe("Suspended");
    await app.client.resume(id, "on again");
    expect((await waitForEnd(app.client, id)).output).toBe("held back");
  });

  it("refuses an id that runs, and gives it away once it has ended", async () => {
    const instanceId = "taken";
    await app.client.startNew("racing", { instanceId });
    await expect(app.client.startNew("one-activity", { instanceId, input: 2 })).rejects.toThrow(
      /409.*already exists/,
    );
    await app.client.terminate(instanceId, "");
    await waitForEnd(app.client, instanceId);
    await app.client.startNew("one-activity", { instanceId, input: 2 });
    expect((await waitForEnd(app.client, instanceId)).output).toBe(4);
  });

  it("knows no orchestration that is not registered", async () => {
    await expect(app.client.startNew("nothing")).rejects.toThrow(/400.*known orchestrator functions/);
  });

  it("rewinds to the first failure: what worked is kept, what failed runs again", async () => {
    switches.failures.set("again", 1);
    switches.failures.set("again-child", 1);
    const failed = await run(app, "rewindable", "again");
    expect(failed.runtimeStatus).toBe("Failed");
    const failedOnes = (): Promise<unknown[]> =>
      app.client.getStatusBy({ runtimeStatus: ["Failed"] as never });
    await expect.poll(failedOnes).toHaveLength(2); // the child too
    await app.client.rewind(failed.instanceId, "mended");
    const status = await waitForEnd(app.client, failed.instanceId);
    expect(status).toMatchObject({
      runtimeStatus: "Completed",
      output: [25, "again worked", "again-child worked"],
    });
    await expect(app.client.rewind(failed.instanceId, "")).rejects.toThrow(/only supported on failed/);
  });

  it("purges what has ended, one or by filter", async () => {
    const done = await run(app, "one-activity", 1);
    expect(await app.client.purgeInstanceHistory(done.instanceId)).toMatchObject({ instancesDeleted: 1 });
    await expect(app.client.getStatus(done.instanceId)).rejects.toThrow(/404/);
    const running = await app.client.startNew("racing");
    expect(await app.client.purgeInstanceHistory(running)).toMatchObject({ instancesDeleted: 0 });
    await run(app, "throwing");
    const runtimeStatus = ["Failed"] as never;
    const purged = await app.client.purgeInstanceHistoryBy({ createdTimeFrom: new Date(0), runtimeStatus });
    expect(purged.instancesDeleted).toBeGreaterThan(0);
    expect(await app.client.getStatusBy({ runtimeStatus })).toEqual([]);
    await app.client.terminate(running, "");
  });

  it("reads and signals entities", async () => {
    const { EntityId } = await import("durable-functions");
    const id = new EntityId("Counter", "by-client");
    expect((await app.client.readEntityState(id)).entityExists).toBe(false);
    await app.client.signalEntity(id, "add", 3);
    await app.client.signalEntity(id, "add", 4);
    const seven = await run(app, "counting", "by-client");
    expect(seven.output).toEqual([12, 14, true]);
    expect((await app.client.readEntityState<number>(id)).entityState).toBe(14);
    await app.client.signalEntity(id, "delete");
    await expect.poll(async () => (await app.client.readEntityState(id)).entityExists).toBe(false);
  });
});
