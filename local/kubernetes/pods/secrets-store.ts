import { parse } from "yaml";
import { isRecord } from "../../web-server.ts";
import type { Cluster, SecretsStore } from "../cluster.ts";
import type { CsiSource, Pod } from "../objects.ts";
import { secretProviderClasses } from "../resources.ts";
import { openVault, type Vault } from "./open-vault.ts";

/**
 * What the Secrets Store CSI driver and its provider for Azure do: the objects of a SecretProviderClass, read from the
 * vault as the identity it names, proven by the pod's service account. All of them, or the mount fails.
 * https://azure.github.io/secrets-store-csi-driver-provider-azure/docs/getting-started/usage/
 * @throws Error with the driver's words
 */
export async function readSecretObjects(
  cluster: Cluster,
  pod: Pod,
  { driver, volumeAttributes }: CsiSource,
): Promise<readonly (readonly [file: string, text: string])[]> {
  const store = cluster.settings.secretsStore;
  if (!store || driver !== "secrets-store.csi.k8s.io") {
    throw new Error(`driver name ${driver} not found in the list of registered CSI drivers`);
  }
  const { namespace = "", name } = pod.metadata;
  try {
    const parameters = findParameters(cluster, namespace, volumeAttributes?.["secretProviderClass"] ?? "");
    const objects = parseObjects(parameters["objects"] ?? "");
    const vault = await openVault({ ...toLogin(cluster, store, pod), ...toTarget(store, parameters) });
    return await Promise.all(objects.map((object) => readObject(vault, object)));
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    throw new Error(
      `rpc error: code = Unknown desc = failed to mount secrets store objects for pod ${namespace}/${name}, err: ${text}`,
      { cause: error },
    );
  }
}

type Parameters = Readonly<Record<string, string>>;

function findParameters(cluster: Cluster, namespace: string, name: string): Parameters {
  const found = cluster.store.get(secretProviderClasses, namespace, name);
  if (!found) throw new Error(`failed to get secretproviderclass ${namespace}/${name}: not found`);
  const spec = isRecord(found["spec"]) ? found["spec"] : {};
  if (spec["provider"] !== "azure") throw new Error(`provider not found: ${String(spec["provider"])}`);
  return isRecord(spec["parameters"]) ? (spec["parameters"] as Parameters) : {};
}

interface SecretObject {
  readonly objectName: string;
  readonly objectType: string;
  /** Name of the file; default the object's. */
  readonly objectAlias?: string;
  readonly objectVersion?: string;
}

/** A YAML text with a list of YAML texts. */
function parseObjects(text: string): readonly SecretObject[] {
  const outer: unknown = parse(text);
  const array = isRecord(outer) ? outer["array"] : undefined;
  if (!Array.isArray(array)) throw new Error("objects is not set, or holds no array");
  return array.map((each) => parse(String(each)) as SecretObject);
}

async function readObject(vault: Vault, object: SecretObject): Promise<readonly [string, string]> {
  const { objectName, objectType, objectAlias = objectName, objectVersion = "" } = object;
  if (objectType !== "secret") throw new Error(`objectType ${objectType} is not imitated`);
  return [objectAlias, await vault.read(objectName, objectVersion)];
}

function toTarget(
  { vaultUrl }: SecretsStore,
  parameters: Parameters,
): { readonly url: string; readonly clientId: string; readonly tenantId: string } {
  for (const name of ["keyvaultName", "tenantId", "clientID"]) {
    if (!parameters[name]) throw new Error(`${name} is not set`);
  }
  const { keyvaultName = "", tenantId = "", clientID: clientId = "" } = parameters;
  return { url: vaultUrl(keyvaultName), clientId, tenantId };
}

/** The token the kubelet hands to a driver that asks for one. */
function toLogin(
  cluster: Cluster,
  { ca }: SecretsStore,
  { metadata, spec }: Pod,
): { readonly assertion: string; readonly authorityHost: string; readonly ca: string } {
  const { workloadIdentity } = cluster.settings;
  if (!workloadIdentity) throw new Error("failed to acquire token: workload identity is not set up");
  const account = `${metadata.namespace ?? ""}:${spec.serviceAccountName ?? "default"}`;
  const { authorityHost, issueToken } = workloadIdentity;
  return { ca, authorityHost, assertion: issueToken(`system:serviceaccount:${account}`) };
}
