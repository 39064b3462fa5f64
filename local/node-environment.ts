import type { NodeEnvironment, NodeFacts } from "./batch/server.ts";
import type { RunningIdentity } from "./identity/server.ts";

/** What a node has besides its task's settings: the identities of its pool, and who may be trusted. */
export async function toNodeEnvironment(
  { identity, caFile, certificates }: NodeFoundation,
  node: NodeFacts,
): Promise<NodeEnvironment> {
  const host = await identity.openHost({ identities: node.identities, form: "virtual-machine" });
  const env = { ...toProcessEnvironment(caFile), ...host.env };
  return {
    env: certificates === undefined ? env : { ...env, AZ_BATCH_CERTIFICATES_DIR: certificates },
    close: () => host.close(),
  };
}

interface NodeFoundation {
  readonly identity: RunningIdentity;
  readonly caFile: string;
  /** Folder of the account's certificates, where it has any. */
  readonly certificates: string | undefined;
}

/** What a pod has besides its manifest's settings. Entra's list of clouds does not know the local authority. */
export function toPodEnvironment(caFile: string): Readonly<Record<string, string>> {
  const { AZURE_TOKEN_CREDENTIALS: _, ...env } = toProcessEnvironment(caFile);
  return { ...env, AZURE_DISABLE_INSTANCE_DISCOVERY: "true" };
}

/** What any process of the stack that is a client of it needs. */
export function toProcessEnvironment(
  caFile: string,
): { readonly AZURE_TOKEN_CREDENTIALS: string } & Readonly<Record<string, string>> {
  const { PATH = "", HOME = "/", TMPDIR } = process.env;
  return {
    PATH,
    HOME,
    ...(TMPDIR && { TMPDIR }),
    NODE_EXTRA_CA_CERTS: caFile,
    // One link of the credential chain: the others would each be tried first.
    AZURE_TOKEN_CREDENTIALS: "ManagedIdentityCredential",
  };
}
