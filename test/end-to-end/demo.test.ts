import { execFile } from "node:child_process";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { root } from "../../local/root.ts";

interface Last {
  readonly state: string;
  readonly targets: Readonly<Record<string, number>>;
  readonly verifiedInDatabase: number;
  readonly orchestrationHistoryEvents: number;
}

/** `npm run demo -- … --json`, as a person has it. */
function demo(...options: readonly string[]): Promise<{ code: number; output: string; last: Last }> {
  const args = [join(root, "local", "demo.ts"), ...options, "--json"];
  return new Promise((resolve, reject) => {
    execFile(process.execPath, args, { timeout: 110_000 }, (error, stdout) => {
      const last = stdout.trim().split("\n").at(-1) ?? "";
      if (!last.startsWith("{")) reject(new Error(stdout, { cause: error }));
      else resolve({ code: Number(error?.code ?? 0), output: stdout, last: JSON.parse(last) as Last });
    });
  });
}

describe("npm run demo", () => {
  it.each([
    ["batch", []],
    ["batch", ["--identity-only"]],
    ["kubernetes", []],
    ["kubernetes", ["--identity-only"]],
  ])(
    "changes a fleet on %s %j, proven in the databases",
    async (compute, options) => {
      const { code, last } = await demo(
        "--targets",
        "12",
        "--servers",
        "2",
        "--compute",
        compute,
        ...options,
      );
      expect(last).toMatchObject({
        state: "succeeded",
        targets: { total: 12, committed: 12 },
        verifiedInDatabase: 12,
      });
      expect(code).toBe(0);
    },
    120_000,
  );

  it("shows databases that refuse the release: rolled back, untouched, with the reason", async () => {
    const { code, output, last } = await demo("--targets", "20", "--servers", "2", "--fail", "3");
    expect(last).toMatchObject({ targets: { committed: 17, rolledBack: 3 }, verifiedInDatabase: 17 });
    expect(output).toContain("17 have the release exactly once · 3 untouched · 20 asked");
    expect(output).toMatch(/3 × rolledBack: SqlFailed \(SQL 547\): .*CK_Customer_CreditLimit/);
    expect(code).toBe(1);
  }, 120_000);

  it("has a history of the same length for 5 targets and for 150", async () => {
    const [small, large] = [await demo("--targets", "5", "--servers", "1"), await demo("--targets", "150")];
    expect(large.last.verifiedInDatabase).toBe(150);
    expect(large.last.orchestrationHistoryEvents).toBe(small.last.orchestrationHistoryEvents);
    expect(large.last.orchestrationHistoryEvents).toBeLessThan(500);
  }, 180_000);
});
