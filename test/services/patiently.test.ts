import { describe, expect, test, vi } from "vitest";
import { Failure, type FailureCode } from "../../model/failures.ts";
import { patiently } from "../../services/patiently.ts";

const failing = (code: FailureCode) => vi.fn(() => Promise.reject(new Failure(code, "no")));

describe("patiently", () => {
  test("goes on when a role has propagated, and says meanwhile what it waits for", async () => {
    let isGranted = false;
    const waits: string[] = [];
    const act = () =>
      isGranted
        ? Promise.resolve("value")
        : Promise.reject(new Failure("SecretForbidden", "may still be propagating"));
    const value = await patiently(act, {
      forRoles: 60_000,
      onWait: ({ code, message }, milliseconds) => {
        waits.push(`${code}: ${message}`);
        expect(milliseconds).toBeGreaterThan(50_000);
        isGranted = true;
      },
    });
    expect(value).toBe("value");
    expect(waits).toEqual(["SecretForbidden: may still be propagating"]);
  });

  test.each(["SecretForbidden", "RoleMissing"] as const)(
    "%s is thrown when the window is over",
    async (code) => {
      const act = failing(code);
      await expect(patiently(act, { forRoles: 500 })).rejects.toMatchObject({ code });
      expect(act.mock.calls.length).toBeGreaterThan(1);
    },
  );

  test.each([
    "SecretMissing",
    "SecretDisabled",
    "SecretExpired",
    "IdentityUnknown",
    "CertificateExpired",
  ] as const)("%s does not pass by itself", async (code) => {
    const act = failing(code);
    await expect(patiently(act, { forRoles: 60_000 })).rejects.toMatchObject({ code });
    expect(act).toHaveBeenCalledOnce();
  });

  test("a bug is thrown at once", async () => {
    const bug = () => Promise.reject(new RangeError("bug"));
    await expect(patiently(bug, { forRoles: 60_000 })).rejects.toThrow("bug");
  });
});
