import { describe, expect, test } from "vitest";
import { chooseIdentity } from "../../model/identity.ts";
import type { RunId } from "../../model/ids.ts";
import { FunctionSettings, parseSettings, toWorkerEnvironment } from "../../model/settings.ts";

describe("the kind of identity", () => {
  test.each([
    [{}, "default"],
    [{ AZURE_CLIENT_ID: "id" }, "default"],
    [{ IDENTITY_ENDPOINT: "http://127.0.0.1/msi/token" }, "managed"],
    [{ AZ_BATCH_NODE_ID: "tvm-1" }, "managed"],
    [{ AZURE_CLIENT_SECRET: "s", IDENTITY_ENDPOINT: "e" }, "secret"],
    [{ AZURE_CLIENT_CERTIFICATE_THUMBPRINT: "t", AZ_BATCH_NODE_ID: "tvm-1" }, "certificate"],
    [{ AZURE_FEDERATED_TOKEN_FILE: "f", AZURE_CLIENT_SECRET: "s" }, "workload"],
    [{ AZURE_IDENTITY: "cli", AZURE_CLIENT_SECRET: "s" }, "cli"],
  ] as const)("%j is %s", (settings, kind) => {
    expect(chooseIdentity(settings)).toBe(kind);
  });
});

describe("a worker's environment", () => {
  const toEnvironment = (env: Readonly<Record<string, string>>) =>
    toWorkerEnvironment(
      parseSettings(FunctionSettings, { KEY_VAULT_URL: "https://v.vault.azure.net", ...env }),
      "20260101-000000-abcdef" as RunId,
    );

  test("has the worker's identity, never the Function App's, and no secret", () => {
    const environment = toEnvironment({
      ...{ AZURE_CLIENT_ID: "app", AZURE_CLIENT_SECRET: "canary", AZURE_TENANT_ID: "tenant" },
      WORKER_IDENTITY_CLIENT_ID: "worker",
    });
    expect(environment["AZURE_CLIENT_ID"]).toBe("worker");
    expect(environment).not.toHaveProperty("AZURE_TENANT_ID");
    expect(JSON.stringify(environment)).not.toMatch(/canary|"app"/);
  });

  test("of a service principal with certificate has what that needs", () => {
    const environment = toEnvironment({
      ...{ AZURE_TENANT_ID: "tenant", AZURE_AUTHORITY_HOST: "https://login.example" },
      ...{ WORKER_IDENTITY: "certificate", WORKER_CERTIFICATE_THUMBPRINT: "00ff" },
    });
    expect(environment).toMatchObject({
      ...{ AZURE_IDENTITY: "certificate", AZURE_CLIENT_CERTIFICATE_THUMBPRINT: "00ff" },
      ...{ AZURE_TENANT_ID: "tenant", AZURE_AUTHORITY_HOST: "https://login.example" },
    });
  });

  test("names the services that are opened by identity", () => {
    const names = {
      STORAGE_ACCOUNT_NAME: "store",
      SERVICE_BUS_NAMESPACE: "bus",
      EVENT_HUBS_NAMESPACE: "hubs",
    };
    expect(toEnvironment(names)).toMatchObject(names);
    expect(Object.keys(toEnvironment({}))).not.toContain("STORAGE_ACCOUNT_NAME");
  });

  test("a node cannot be given a secret", () => {
    expect(() => toEnvironment({ WORKER_IDENTITY: "secret" })).toThrow(/WORKER_IDENTITY/);
  });
});
