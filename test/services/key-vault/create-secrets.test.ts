import { inspect } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { toFailure } from "../../../model/failures.ts";
import { createCredential } from "../../../services/identity/create-credential.ts";
import { createSecrets } from "../../../services/key-vault/create-secrets.ts";
import { startStandIns, type StandIns } from "../../support/stand-ins.ts";
import { describeSecrets } from "../contract/ports/secrets.ts";

let standIns: StandIns;
beforeAll(async () => {
  standIns = await startStandIns();
});
afterAll(() => standIns.stop());

const open = (now?: () => number) =>
  createSecrets({
    vaultUrl: standIns.vault.url,
    verifyChallenge: false,
    credential: createCredential(standIns.functionApp.clientId),
    ...(now && { now }),
  });

describeSecrets("Azure Key Vault", () => standIns.newServices().secrets);

describe("secrets of the Key Vault", () => {
  test("a value is kept for a minute, then read again", async () => {
    let now = 0;
    const [reader, writer] = [open(() => now), open()];
    await writer.write("UserName", "before");
    expect(await reader.read("UserName")).toBe("before");
    await writer.write("UserName", "after");
    now += 59_999;
    expect(await reader.read("UserName")).toBe("before");
    now += 1;
    expect(await reader.read("UserName")).toBe("after");
  });

  test("an identity without a role is SecretForbidden, and no value is told", async () => {
    const secrets = open();
    const { clientId } = standIns.functionApp;
    standIns.vault.assign([]);
    const failures = await Promise.all(
      [() => secrets.read("StorageAccountKey"), () => secrets.write("Password", "canary-forbidden")].map(
        (act) => act().then(String, toFailure),
      ),
    );
    const listing: unknown = await secrets.list().catch((error: unknown) => error);
    standIns.vault.assign([{ clientId, permissions: "readWrite" }]);
    for (const failure of [...failures, listing]) {
      expect(failure).toMatchObject({ code: "SecretForbidden", status: 503 });
      expect(inspect(failure, { depth: 9 })).not.toContain("canary");
    }
  });

  test("a role that may only read does not write", async () => {
    const { clientId } = standIns.functionApp;
    const secrets = open();
    await secrets.write("UserName", "sa");
    standIns.vault.assign([{ clientId, permissions: "read" }]);
    const writing: unknown = await secrets.write("UserName", "canary").catch((error: unknown) => error);
    const value = await open().read("UserName");
    standIns.vault.assign([{ clientId, permissions: "readWrite" }]);
    expect(writing).toMatchObject({ code: "SecretForbidden", message: "The Key Vault refused UserName." });
    expect(value).toBe("sa");
  });

  test("a value the vault does not take is not in what is said about it", async () => {
    const value = "canary".repeat(5_000);
    const failure: unknown = await open()
      .write("Password", value)
      .catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: "ServiceUnavailable" });
    expect(inspect(failure, { depth: 9, maxStringLength: Infinity })).not.toContain("canary");
  });
});
