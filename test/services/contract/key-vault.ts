import { SecretClient, type SecretClientOptions } from "@azure/keyvault-secrets";
import type { TokenCredential } from "@azure/core-auth";
import { beforeAll, describe, expect, test } from "vitest";

/** What a vault must have for the suite: two callers, one with each role. */
export interface KeyVaultSubject {
  readonly url: string;
  /** Key Vault Secrets Officer. */
  readonly officer: TokenCredential;
  /** Key Vault Secrets User. */
  readonly user: TokenCredential;
  readonly options?: SecretClientOptions;
}

/** What a client may expect of Key Vault's secrets. Uses names of its own and purges what it deletes. */
export function describeKeyVault(name: string, open: () => KeyVaultSubject | Promise<KeyVaultSubject>): void {
  describe(`Key Vault secrets: ${name}`, () => {
    let officer: SecretClient;
    let user: SecretClient;
    const prefix = `contract-${Date.now().toString(36)}`;

    beforeAll(async () => {
      const subject = await open();
      const options = { retryOptions: { maxRetries: 0 }, ...subject.options };
      officer = new SecretClient(subject.url, subject.officer, options);
      user = new SecretClient(subject.url, subject.user, options);
    });

    test("a secret is read back, and every write is a version", async () => {
      const secret = `${prefix}-versions`;
      const expiresOn = new Date(1_900_000_000_000);
      const notBefore = new Date(1_600_000_000_000);
      const settings = { expiresOn, notBefore, contentType: "text/plain", tags: { owner: "fleet" } };
      const first = await officer.setSecret(secret, "one", settings);
      await officer.setSecret(secret, "two");
      expect((await user.getSecret(secret)).value).toBe("two");
      const pinned = await user.getSecret(secret, { version: first.properties.version! });
      expect(pinned).toMatchObject({ value: "one", properties: { ...settings, enabled: true } });
      const versions = [];
      for await (const each of user.listPropertiesOfSecretVersions(secret)) versions.push(each.version);
      expect(versions).toHaveLength(2);
      expect(versions).toContain(first.properties.version);
    });

    test("a name ignores case", async () => {
      await officer.setSecret(`${prefix}-case`, "value");
      expect((await user.getSecret(`${prefix}-CASE`)).value).toBe("value");
    });

    test("an expired secret is still given: expiry informs", async () => {
      await officer.setSecret(`${prefix}-expired`, "old", { expiresOn: new Date(1_600_000_000_000) });
      expect((await user.getSecret(`${prefix}-expired`)).value).toBe("old");
    });

    test("a disabled version is refused until it is enabled again", async () => {
      const secret = `${prefix}-disabled`;
      const { properties } = await officer.setSecret(secret, "value", { tags: { kept: "yes" } });
      const update = (enabled: boolean) =>
        officer.updateSecretProperties(secret, properties.version!, { enabled });
      await update(false);
      await expect(user.getSecret(secret)).rejects.toMatchObject({ statusCode: 403, code: "Forbidden" });
      const enabled = await update(true);
      expect(enabled.tags).toEqual({ kept: "yes" });
      expect((await user.getSecret(secret)).value).toBe("value");
    });

    test("what is not there is SecretNotFound", async () => {
      const missing = { statusCode: 404, code: "SecretNotFound" };
      await expect(user.getSecret(`${prefix}-missing`)).rejects.toMatchObject(missing);
      await officer.setSecret(`${prefix}-present`, "value");
      const version = "0".repeat(32);
      await expect(user.getSecret(`${prefix}-present`, { version })).rejects.toMatchObject(missing);
      await expect(officer.beginDeleteSecret(`${prefix}-missing`)).rejects.toMatchObject(missing);
    });

    test("the reading role may not write, and the refusal names the action", async () => {
      await expect(user.setSecret(`${prefix}-forbidden`, "value")).rejects.toMatchObject({
        statusCode: 403,
        code: "Forbidden",
        message: expect.stringMatching(
          /not authorized to perform action[^]*secrets\/setSecret\/action/,
        ) as string,
      });
    });

    test("lists come in pages, without values", async () => {
      const names = Array.from({ length: 30 }, (_, index) => `${prefix}-page-${index}`);
      await Promise.all(names.map((each) => officer.setSecret(each, "value")));
      const listed: string[] = [];
      let pages = 0;
      for await (const page of user.listPropertiesOfSecrets().byPage({ maxPageSize: 10 })) {
        pages += 1;
        expect(page.length).toBeLessThanOrEqual(10);
        listed.push(...page.map((each) => each.name));
      }
      expect(pages).toBeGreaterThanOrEqual(3);
      expect(listed).toEqual(expect.arrayContaining(names));
    });

    test("deleting is soft: the name is taken until recovered or purged", async () => {
      const secret = `${prefix}-deleted`;
      await officer.setSecret(secret, "value");
      const remove = async () =>
        (await officer.beginDeleteSecret(secret, { intervalInMs: 10 })).pollUntilDone();
      expect(await remove()).toMatchObject({ name: secret, recoveryId: expect.any(String) as string });
      await expect(user.getSecret(secret)).rejects.toMatchObject({ statusCode: 404 });
      await expect(officer.setSecret(secret, "again")).rejects.toMatchObject({ statusCode: 409 });
      const deleted = [];
      for await (const each of officer.listDeletedSecrets()) deleted.push(each.name);
      expect(deleted).toContain(secret);
      await (await officer.beginRecoverDeletedSecret(secret, { intervalInMs: 10 })).pollUntilDone();
      expect((await user.getSecret(secret)).value).toBe("value");
      await remove();
      await officer.purgeDeletedSecret(secret);
      await expect(officer.getDeletedSecret(secret)).rejects.toMatchObject({ statusCode: 404 });
    });
  });
}
