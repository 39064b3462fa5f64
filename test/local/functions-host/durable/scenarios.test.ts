import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { switches } from "./fixtures/switches.ts";
import { run, startApp, type TestApp } from "./start-app.ts";

describe("orchestrations that run to their end by themselves", () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startApp();
  });
  afterAll(() => app.stop());

  const scenarios: readonly [name: string, input: unknown, output: unknown][] = [
    ["one-activity", 7, 49],
    ["ONE-Activity", 3, 9],
    [
      "echoes",
      ["text", 1, 2.5, true, null, "", { a: ["b"] }, "{}"],
      ["text", 1, 2.5, true, null, "", { a: ["b"] }, "{}"],
    ],
    ["fan-out", 100, 328_350],
    ["catching", null, "Activity function 'broken' failed: never works "],
    ["parent", null, [49, 2401]],
    ["counting-down", 4, "down to 0"],
    ["timed", 30, expect.any(Number)],
    ["counting", "one", [5, 7, true]],
  ];
  it.each(scenarios)("%s", async (name, input, output) => {
    const status = await run(app, name, input);
    expect(status).toMatchObject({ runtimeStatus: "Completed", output });
  });

  const failures: readonly [name: string, output: string][] = [
    ["throwing", "Orchestrator function 'throwing' failed: boom"],
    [
      "parent-of-throwing",
      "Orchestrator function 'parent-of-throwing' failed: Orchestrator function 'throwing' failed: boom",
    ],
    [
      "calling-unknown",
      "The function 'not-there' doesn't exist, is disabled, or is not an activity function.",
    ],
  ];
  it.each(failures)("%s fails with the reason", async (name, output) => {
    const status = await run(app, name);
    expect(status.runtimeStatus).toBe("Failed");
    expect(status.output).toContain(output);
  });

  describe("retries", () => {
    it("go on until an attempt works, beside other tasks", async () => {
      switches.failures.set("twice", 2);
      const status = await run(app, "retrying", { key: "twice", attempts: 5 });
      expect(status.output).toEqual([["twice worked", 9], 16]);
      expect(switches.runs.get("twice")).toBe(3);
    });
    it("end with the failure after the last attempt", async () => {
      switches.failures.set("always", 99);
      const status = await run(app, "retrying", { key: "always", attempts: 2 });
      expect(status.runtimeStatus).toBe("Failed");
      expect(status.output).toContain("always fails, 98 to go");
      expect(switches.runs.get("always")).toBe(2);
    });
    it("run side by side", async () => {
      const keys = ["a", "b", "c", "d"];
      keys.forEach((key, index) => switches.failures.set(key, index));
      const status = await run(app, "retrying-side-by-side", keys);
      expect(status.output).toEqual(keys.map((key) => `${key} worked`));
    });
    it("run a failing sub-orchestration again", async () => {
      switches.failures.set("child", 2);
      const status = await run(app, "parent-retrying", "child");
      expect(status).toMatchObject({ runtimeStatus: "Completed", output: "child worked" });
    });
  });

  it("continueAsNew begins with an empty history", async () => {
    const short = await run(app, "counting-down", 1);
    const long = await run(app, "counting-down", 9);
    expect(long.history).toHaveLength(short.history!.length);
  });

  it("runs at most as many activities at a time as the limit says", async () => {
    await run(app, "fan-out-gated");
    expect(switches.gated.most).toBe(10);
  });

  it("moves between locked entities", async () => {
    const statuses = await Promise.all(Array.from({ length: 5 }, () => run(app, "transfer", ["from", "to"])));
    const balances = statuses.map((status) => status.output as number);
    expect(balances.toSorted((a, b) => b - a)).toEqual([0, -1, -2, -3, -4]);
  });

  it("notices large payloads and cuts long failures", async () => {
    const large = await run(app, "large", 50_000);
    expect(large.output).toHaveLength(50_000);
    expect(app.events).toContainEqual(
      expect.objectContaining({
        event: "payload-large",
        instanceId: large.instanceId,
        what: "output of long-text",
      }),
    );
    const failed = await run(app, "large-failure", 100_000);
    expect((failed.output as string).length).toBeLessThanOrEqual(65_536);
    expect(app.events).toContainEqual(
      expect.objectContaining({ event: "failure-text-cut", instanceId: failed.instanceId }),
    );
  });
});
