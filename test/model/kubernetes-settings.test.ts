import { expect, test } from "vitest";
import { FunctionSettings, parseSettings } from "../../model/settings.ts";

const parse = (env: Readonly<Record<string, string>>): FunctionSettings =>
  parseSettings(FunctionSettings, { KEY_VAULT_URL: "https://v.vault.azure.net", ...env });

test("mounted secrets need the vault's tenant: without it no pod would ever start", () => {
  expect(() => parse({ KUBERNETES_SECRETS: "csi" })).toThrow(/AZURE_TENANT_ID: is the vault's tenant/);
  expect(parse({ KUBERNETES_SECRETS: "csi", AZURE_TENANT_ID: "t" }).KUBERNETES_SECRETS).toBe("csi");
  expect(parse({}).KUBERNETES_SECRETS).toBe("vault");
});
