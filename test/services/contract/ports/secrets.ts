import { describe, expect, test } from "vitest";
import type { SecretName } from "../../../../model/secrets.ts";
import type { Secrets } from "../../../../services/services.ts";

/** Where secrets can be read, and how they come there. */
export interface ReadingSubject {
  readonly open: () => Pick<Secrets, "read">;
  readonly put: (name: SecretName, value: string) => Promise<unknown>;
}

/** What is expected wherever secrets are read. None of those used here may be there: UserName, Password. */
export function describeSecretReading(name: string, { open, put }: ReadingSubject): void {
  describe(`Secrets, reading: ${name}`, () => {
    test("a secret that was never written is SecretMissing, by name", async () => {
      await expect(open().read("Password")).rejects.toMatchObject({
        code: "SecretMissing",
        message: expect.stringMatching(/^Password is not (in|among) /),
      });
    });

    test("a value comes as it was put, to the last character", async () => {
      for (const value of ["fleet ✓ ü", "line\n", " spaces ", "a=b;c={}"]) {
        await put("UserName", value);
        expect(await open().read("UserName")).toBe(value);
      }
    });

    test("an empty value opens nothing: SecretMissing", async () => {
      await put("UserName", "");
      await expect(open().read("UserName")).rejects.toMatchObject({
        code: "SecretMissing",
        message: "The secret UserName has no value.",
      });
    });
  });
}

/** What is expected of every vault. It must hold none of the secrets used here: UserName, Password. */
export function describeSecrets(name: string, open: () => Secrets): void {
  describe(`Secrets: ${name}`, () => {
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
