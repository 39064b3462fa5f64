import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { switches } from "./fixtures/switches.ts";
import { run, startApp, type TestApp, waitForEnd, waitForStatus } from "./start-app.ts";

describe("orchestrations that break a rule fail and say which", () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startApp();
  });
  afterAll(() => app.stop());
  afterEach(() => {
    switches.drift = false;
  });

  it("a task that is yielded in a second Task.any", async () => {
    const status = await run(app, "yielding-twice");
    expect(status.runtimeStatus).toBe("Failed");
    expect(status.output).toMatch(
      /Task yielded twice: the wait for the event 'never' .*issue 574.*Rule: a task goes into one/,
    );
  });

  it("an orchestration that asks for something else than its history says", async () => {
    const id = await app.client.startNew("drifting");
    await waitForStatus(app.client, id, ({ history }) =>
      (history as { EventType: string }[]).some((event) => event.EventType === "TaskCompleted"),
    );
    switches.drift = true;
    await app.client.raiseEvent(id, "go", null);
    const status = await waitForEnd(app.client, id);
    expect(status.runtimeStatus).toBe("Failed");
    expect(status.output).toMatch(
      /Non-Deterministic workflow detected: A previous execution of this orchestration scheduled an activity task named 'square' with sequence ID 0, but the current replay execution instead asks for an activity task named 'echo'/,
    );
  });

  it("an orchestration whose function is gone since it began: the reason is not taken for a drift", async () => {
    let gone = false;
    const other = await startApp({
      wrap: (invoker) => ({
        functions: () => invoker.functions().filter(({ name }) => !gone || name !== "drifting"),
        invoke: (name, trigger) => invoker.invoke(name, trigger),
      }),
    });
    const id = await other.client.startNew("drifting");
    await waitForStatus(other.client, id, ({ history }) => history!.length > 4);
    gone = true;
    await other.client.raiseEvent(id, "go", null);
    const status = await waitForEnd(other.client, id);
    expect(status.output).toContain(
      "The function 'drifting' doesn't exist, is disabled, or is not an orchestrator",
    );
    await other.stop();
  });

  it("one that does not drift goes on", async () => {
    const id = await app.client.startNew("drifting");
    await app.client.raiseEvent(id, "go", null);
    expect((await waitForEnd(app.client, id)).output).toBe("same as ever");
  });
});
