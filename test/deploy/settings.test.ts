import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { root } from "../../local/root.ts";
import { FunctionSettings } from "../../model/settings.ts";
import { readBicep, readKeys, readObject } from "./support/read-bicep.ts";

const main = await readBicep("main.bicep");
const functionApp = await readBicep("modules/function-app.bicep");
const sample = JSON.parse(await readFile(join(root, "local.settings.sample.json"), "utf8")) as {
  readonly Values: Readonly<Record<string, string>>;
};

const appSettings = [
  ...readKeys(readObject(main.text, "settings: union(")),
  ...readKeys(readObject(main.text, "var identityOnlySettings")),
  ...readKeys(readObject(main.text, "var kubernetesSettings")),
  ...readKeys(readObject(main.text, "var networkSettings")),
];
const hostSettings = readKeys(readObject(functionApp.text, "var hostSettings"));

/**
 * Of the Functions host. Where each is documented: docs/verification.md. On Flex Consumption there are none for
 * the runtime's name and version.
 */
const knownHostSettings = [
  "AzureWebJobsStorage__accountName",
  "AzureWebJobsStorage__credential",
  "AzureWebJobsStorage__clientId",
  "APPLICATIONINSIGHTS_CONNECTION_STRING",
  "APPLICATIONINSIGHTS_AUTHENTICATION_STRING",
  "EventHubConnection__fullyQualifiedNamespace",
  "EventHubConnection__credential",
  "EventHubConnection__clientId",
  "FUNCTIONS_REQUEST_BODY_SIZE_LIMIT",
];

describe("the Function App's settings", () => {
  it("are found in the Bicep", () => {
    expect(appSettings.length).toBeGreaterThan(18);
    expect(hostSettings).toHaveLength(knownHostSettings.length);
  });

  it("are settings that sqlfleet reads", () => {
    const known = Object.keys(FunctionSettings.shape);
    expect(appSettings.filter((name) => !known.includes(name))).toEqual([]);
  });

  it("hold every one that has no default", () => {
    const missing = FunctionSettings.safeParse({}).error?.issues.map(({ path }) => String(path[0])) ?? [];
    expect(missing).toContain("KEY_VAULT_URL");
    expect(missing.filter((name) => !appSettings.includes(name))).toEqual([]);
  });

  it("hold what the sample says must be filled in for Azure", () => {
    const kept = (name: string): boolean => !name.startsWith("//") && name in FunctionSettings.shape;
    const empty = Object.entries(sample.Values).filter(([name, value]) => kept(name) && value === "");
    expect(empty.map(([name]) => name).filter((name) => !appSettings.includes(name))).toEqual([]);
  });

  it("are otherwise documented settings of the host", () => {
    expect([...hostSettings].sort()).toEqual([...knownHostSettings].sort());
  });
});
