import { inspect } from "node:util";
import { SecretClient, type SetSecretOptions } from "@azure/keyvault-secrets";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { toFailure } from "../../../model/failures.ts";
import { createCredential } from "../../../services/identity/create-credential.ts";
import { createSecrets } from "../../../services/key-vault/create-secrets.ts";
import { startStandIns, type StandIns } from "../../support/stand-ins.ts";
import { describeSecretReading, describeSecrets } from "../contract/ports/secrets.ts";

let standIns: StandIns;
beforeAll(async () => {
  standIns = await startStandIns();
});
afterAll(() => standIns.stop());

const open = (now?: () => number) =>
  createSecrets({
    vaultUrl: standIns.vault.url,
    verifyChallenge: false,
    credential: createCredential({ AZURE_CLIENT_ID: standIns.functionApp.clientId }),
    ...(now && { now }),
  });

/** By other means than ours, which refuse an empty value at the edge. */
const put = (name: string, value: string) =>
  new SecretClient(standIns.vault.url, createCredential({ AZURE_CLIENT_ID: standIns.functionApp.clientId }), {
    disableChallengeResourceVerification: true,
  }).setSecret(name, value);

describeSecretReading("Azure Key Vault", { open: () => open(), put });
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
    expect(writing).toMatchObject({
      code: "SecretForbidden",
      message: expect.stringMatching(/UserName \(ForbiddenByRbac\).* may still be propagating/),
    });
    expect(value).toBe("sa");
  });

  describe("are told apart:", () => {
    const failureOf = (secrets = open()) => secrets.read("UserName").then(String, toFailure);
    const client = () =>
      new SecretClient(
        standIns.vault.url,
        createCredential({ AZURE_CLIENT_ID: standIns.functionApp.clientId }),
        { disableChallengeResourceVerification: true },
      );
    const writeWith = (properties: SetSecretOptions) => client().setSecret("UserName", "sa", properties);

    test("disabled", async () => {
      await writeWith({ enabled: false });
      expect(await failureOf()).toMatchObject({ code: "SecretDisabled", status: 503 });
    });

    test("expired, and not valid yet", async () => {
      await writeWith({ expiresOn: new Date(Date.now() - 1_000) });
      expect(await failureOf()).toMatchObject({ code: "SecretExpired" });
      await writeWith({ notBefore: new Date(Date.now() + 60_000) });
      expect(await failureOf()).toMatchObject({ code: "SecretExpired" });
    });

    test("deleted, to readers who may see it and when it is written; missing to the others", async () => {
      const { clientId } = standIns.functionApp;
      await writeWith({});
      await (await client().beginDeleteSecret("UserName", { intervalInMs: 10 })).pollUntilDone();
      const [reading, writing] = [
        await failureOf(),
        await open().write("UserName", "x").then(String, toFailure),
      ];
      standIns.vault.assign([{ clientId, permissions: "read" }]);
      const readingOnly = await failureOf();
      standIns.vault.assign([{ clientId, permissions: "readWrite" }]);
      await (await client().beginRecoverDeletedSecret("UserName", { intervalInMs: 10 })).pollUntilDone();
      expect(reading).toMatchObject({ code: "SecretDeleted" });
      expect(writing).toMatchObject({ code: "SecretDeleted" });
      expect(readingOnly).toMatchObject({ code: "SecretMissing" });
      expect(await open().read("UserName")).toBe("sa");
    });
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
