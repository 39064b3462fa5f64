import { describe, expect, it } from "vitest";
import { classifyError } from "../../../worker/apply/classify-error.ts";

const refused = (number: number) =>
  classifyError({ kind: "refused", phase: "run", number, severity: 16, line: 1 });

describe("classifyError", () => {
  it.each([
    1205, 1222, 40197, 40501, 40540, 40613, 49918, 49919, 49920, 10928, 10929, 10053, 10054, 10060, 233, 64,
    4221, 615,
  ])("tries again after %i", (number) => {
    expect(refused(number)).toEqual({ code: "SqlTransient", retry: "transient" });
  });

  it.each([
    [18456, "SqlLoginFailed"],
    [4060, "DatabaseUnavailable"],
    [3906, "DatabaseUnavailable"],
    [547, "SqlFailed"],
    [208, "SqlFailed"],
    [50000, "SqlFailed"],
  ] as const)("gives up after %i: %s", (number, code) => {
    expect(refused(number)).toEqual({ code, retry: "permanent" });
  });

  it("tells a server that cannot be reached from a link that broke", () => {
    expect(classifyError({ kind: "unreachable", phase: "connect" }).code).toBe("SqlUnreachable");
    expect(classifyError({ kind: "lost", phase: "run" })).toEqual({
      code: "SqlTransient",
      retry: "transient",
    });
  });

  it("tries again when Entra gives no token: its endpoint on the node may just be starting", () => {
    expect(classifyError({ kind: "noToken", phase: "connect" })).toEqual({
      code: "SqlTokenMissing",
      retry: "transient",
    });
  });

  it("does not try again what we ended ourselves", () => {
    expect(classifyError({ kind: "timeout", phase: "run" })).toEqual({
      code: "SqlTimeout",
      retry: "permanent",
    });
    expect(classifyError({ kind: "cancelled", phase: "run" }).retry).toBe("permanent");
  });
});
