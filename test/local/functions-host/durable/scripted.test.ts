import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Leaf } from "./fixtures/mixes.ts";
import { switches } from "./fixtures/switches.ts";
import { run, startApp, type TestApp } from "./start-app.ts";

type Script = readonly (readonly (Leaf & { readonly failures: number })[])[];

const leaf = fc.record({
  kind: fc.constantFrom("activity", "child", "entity", "timer", "retry"),
  value: fc.nat(20),
  wait: fc.nat(5),
  failures: fc.nat(3),
  key: fc.uuid(),
});
const scripts = fc.array(fc.array(leaf, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 4 });

describe("any mix of tasks, one after the other and side by side", () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startApp();
  });
  afterAll(() => app.stop());

  it("gives each task its own answer", async () => {
    await fc.assert(
      fc.asyncProperty(scripts as fc.Arbitrary<Script>, async (script) => {
        for (const each of script.flat()) {
          if (each.kind === "retry") switches.failures.set(each.key, each.failures);
        }
        const status = await run(app, "scripted", script);
        expect(status).toMatchObject({
          runtimeStatus: "Completed",
          output: script.map((group) => group.map(answerOf)),
        });
      }),
      { numRuns: 30 },
    );
  });
});

function answerOf(each: Leaf): unknown {
  switch (each.kind) {
    case "activity":
    case "child":
      return each.value ** 2;
    case "retry":
      return `${each.key} worked`;
    case "timer":
    case "entity":
      return null;
  }
}
