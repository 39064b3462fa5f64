import { describe, expect, it } from "vitest";
import { createManualClock } from "../manual-clock.ts";
import { startApp, waitForEnd, waitForStatus } from "./start-app.ts";

const day = 86_400_000;

describe("durable timers follow the clock they are given", () => {
  it("fires when its time has come and not before", async () => {
    const clock = createManualClock("2026-01-01T00:00:00Z");
    const app = await startApp({ clock });
    const id = await app.client.startNew("timed", { input: 30 * day });
    await waitForTimer(app, id);
    await clock.advance(30 * day - 1);
    expect((await app.client.getStatus(id)).runtimeStatus).toBe("Running");
    await clock.advance(1);
    expect((await waitForEnd(app.client, id)).output).toBe(30 * day);
    await app.stop();
  });

  it("a timeout wins its race", async () => {
    const clock = createManualClock("2026-01-01T00:00:00Z");
    const app = await startApp({ clock });
    const id = await app.client.startNew("racing");
    await waitForTimer(app, id);
    await clock.advance(3_600_000);
    expect((await waitForEnd(app.client, id)).output).toBe("timeout");
    await app.stop();
  });

  it("one that was cancelled does not fire", async () => {
    const clock = createManualClock("2026-01-01T00:00:00Z");
    const app = await startApp({ clock });
    const id = await app.client.startNew("racing");
    await waitForTimer(app, id);
    await app.client.raiseEvent(id, "go", 1);
    const before = await waitForEnd(app.client, id);
    await clock.advance(2 * 3_600_000);
    const after = await app.client.getStatus(id, { showHistory: true });
    expect(after.history).toHaveLength(before.history!.length);
    await app.stop();
  });
});

async function waitForTimer(app: Awaited<ReturnType<typeof startApp>>, id: string): Promise<void> {
  await waitForStatus(app.client, id, ({ history }) =>
    (history as { EventType: string }[]).some((event) => event.EventType === "TimerCreated"),
  );
}
