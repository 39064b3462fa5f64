import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import { root } from "../../local/root.ts";
import { readBicep, readObject } from "./support/read-bicep.ts";

const { text } = await readBicep("modules/roles.bicep");
const cluster = await readBicep("modules/kubernetes.bicep");
const network = await readBicep("modules/network.bicep");

/** [who, role, where] of each assignment. */
function readAssignments(text: string): readonly (readonly [string, string, string])[] {
  const blocks = text.split(/^resource /m).filter((block) => block.includes("roleAssignments@"));
  return blocks.flatMap((block) => {
    const who = /principalId: ([\w.]+?)(?:PrincipalId)?\n/.exec(block)?.[1] ?? "?";
    const where = /scope: ([\w:]+)/.exec(block)?.[1] ?? "?";
    const roles = new Set([...block.matchAll(/\broles\.(\w+)/g)].map(([, role = ""]) => role));
    return [...roles].map((role) => [who, role, where] as const);
  });
}

describe("the roles in Azure", () => {
  it("are these and no others", () => {
    expect(readAssignments(text)).toEqual([
      ["functionApp", "keyVaultSecretsOfficer", "vault"],
      ["worker", "keyVaultSecretsUser", "vault"],
      ["functionApp", "keyVaultSecretsOfficer", "callbackVault"],
      ["functionApp", "storageBlobDataOwner", "hostStorage"],
      ["functionApp", "storageQueueDataContributor", "hostStorage"],
      ["functionApp", "storageTableDataContributor", "hostStorage"],
      ["functionApp", "storageBlobDataContributor", "dataStorage"],
      ["functionApp", "storageTableDataContributor", "dataStorage"],
      ["worker", "storageBlobDataReader", "dataStorage::blobs::packages"],
      ["worker", "storageBlobDataContributor", "dataStorage::blobs::state"],
      ["worker", "storageBlobDataContributor", "dataStorage::blobs::runs"],
      ["functionApp", "serviceBusDataOwner", "serviceBus"],
      ["worker", "serviceBusDataReceiver", "serviceBus::runs"],
      ["functionApp", "eventHubsDataReceiver", "eventHubs::events"],
      ["worker", "eventHubsDataSender", "eventHubs::events"],
      ["functionApp", "batchDataContributor", "batch"],
      ["functionApp", "managedIdentityOperator", "workerIdentity"],
      ["worker", "acrPull", "registry"],
      ["functionApp", "monitoringMetricsPublisher", "insights"],
    ]);
  });

  it("are these in and around the cluster", () => {
    expect(readAssignments(cluster.text)).toEqual([
      ["cluster.identity.principalId", "networkContributor", "subnet"],
      ["cluster.properties.identityProfile.kubeletidentity.objectId", "acrPull", "registry"],
      ["functionApp", "clusterUser", "cluster"],
    ]);
  });

  it("are these in the network", () => {
    expect(readAssignments(network.text)).toEqual([["functionApp", "networkContributor", "nodes"]]);
  });

  it.each([text, cluster.text, network.text])("are all used, and named once", (text) => {
    const ids = [...readObject(text, "var roles").matchAll(/(\w+): '([0-9a-f-]{36})'/g)];
    const used = readAssignments(text).map(([, role]) => role);
    expect(new Set(ids.map(([, , id]) => id)).size).toBe(ids.length);
    expect([...new Set(used)].sort()).toEqual(ids.map(([, name]) => name).sort());
  });
});

interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
}

/** `verb resource` of every call the product makes. Applying is a patch, or a create where nothing is there. */
async function readCalls(): Promise<readonly string[]> {
  const folder = join(root, "services", "kubernetes");
  const sources = await Promise.all(
    (await readdir(folder)).map((name) => readFile(join(folder, name), "utf8")),
  );
  const calls = sources.flatMap((source) => [...source.matchAll(/\.([a-z]+)Namespaced([A-Z]\w+)\(/g)]);
  // Streamed, which the generated client does not do.
  const logs = sources.some((source) => source.includes("/log`")) ? ["get pods/log"] : [];
  const named = calls.flatMap(([, verb = "", kind = ""]) => {
    const resource = kind === "CustomObject" ? "secretproviderclasses" : `${kind.toLowerCase()}s`;
    const verbs = { read: ["get"], patch: ["patch", "create"] }[verb] ?? [verb];
    return verbs.map((each) => `${each} ${resource}`);
  });
  return [...named, ...logs];
}

describe("the Function App's role in the cluster", () => {
  it("allows the calls that sqlfleet makes, and no others", async () => {
    const file = await readFile(join(root, "deploy", "kubernetes", "function-app.yaml"), "utf8");
    const [role] = parseAllDocuments(file).map((document) => document.toJS() as { rules?: readonly Rule[] });
    const allowed = (role?.rules ?? []).flatMap(({ resources, verbs }) =>
      resources.flatMap((resource) => verbs.map((verb) => `${verb} ${resource}`)),
    );
    expect(allowed.sort()).toEqual([...new Set(await readCalls())].sort());
  });
});
