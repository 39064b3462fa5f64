import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startStandIns, type StandIns } from "../../support/stand-ins.ts";
import { newRunId } from "../../support/sample-run.ts";
import { describeTargetTopic, toMessages } from "../contract/ports/target-topic.ts";

let standIns: StandIns;
beforeAll(async () => {
  standIns = await startStandIns({ serviceBus: true });
});
afterAll(() => standIns.stop());

describeTargetTopic("Azure Service Bus", () => standIns.newServices().topic);

test("a topic that is not there is said so, without the connection string", async () => {
  const { topic } = standIns.newServices({ SERVICE_BUS_TOPIC: "missing" });
  for (const act of [() => topic.subscribe(newRunId()), () => topic.send(toMessages(newRunId(), 1))]) {
    const failure = (await act().catch((error: unknown) => error)) as Error;
    expect(failure).toMatchObject({ code: "ServiceUnavailable" });
    expect(failure.message).toMatch(/^Service Bus: /);
    for (const secret of standIns.secretValues) expect(failure.message).not.toContain(secret);
  }
});

describe("a disturbed connection: every message is there, once", () => {
  const faults = () => standIns.serviceBus().faults;
  const sendAndCount = async (): Promise<number> => {
    const [{ topic }, runId] = [standIns.newServices(), newRunId()];
    await topic.subscribe(runId);
    expect(await topic.send(toMessages(runId, 300))).toBe(300);
    const waiting = await topic.waiting(runId);
    await topic.unsubscribe(runId);
    return waiting;
  };

  test("the service is busy for a moment", async () => {
    faults().refuseSends({ times: 2 });
    expect(await sendAndCount()).toBe(300);
  });

  test("it is cut before one batch was taken in, and after another was", async () => {
    faults().cutSends({ stored: false, times: 1 });
    faults().cutSends({ stored: true, times: 1 });
    expect(await Promise.all([sendAndCount(), sendAndCount()])).toEqual([300, 300]);
  });
});
