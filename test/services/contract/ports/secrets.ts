import { describe, expect, test } from "vitest";
import type { Secrets } from "../../../../services/services.ts";

/** What is expected of every vault. It must hold none of the secrets used here: UserName, Password. */
export function describeSecrets(name: string, open: () => Secrets): void {
  describe(`Secrets: ${name}`, () => {
    test("a secret that was never written is SecretMissing, by name", async () => {
      await expect(open().read("Password")).rejects.toMatchObject({
        code: "SecretMissing",
        message: "Password is not in the Key Vault.",
      });
    });

    test("what is written is read back, at once by the writer", async () => {
      const secrets = open();
      const first = await secrets.write("UserName", "sa");
      expect(first).toMatchObject({ name: "UserName" });
      expect(Date.parse(first.updatedAt)).toBeGreaterThan(Date.now() - 60_000);
      expect(await secrets.read("UserName")).toBe("sa");
      await secrets.write("UserName", "fleet ✓ ü");
      expect(await secrets.read("UserName")).toBe("fleet ✓ ü");
      expect(await open().read("UserName")).toBe("fleet ✓ ü");
    });

    test("the list has the newest version of each, and no value", async () => {
      const secrets = open();
      await secrets.write("Password", "canary-value-1");
      const second = await secrets.write("Password", "canary-value-2");
      const listed = await secrets.list();
      expect(listed.filter((each) => each.name === "Password")).toEqual([second]);
      expect(new Set(listed.map((each) => each.name)).size).toBe(listed.length);
      expect(JSON.stringify(listed)).not.toContain("canary");
    });
  });
}
