import { type Account, type BatchNode, type Json, listAt, textAt } from "./account.ts";

/** What the processes of a node find in their environment. */

/** Of every process on the node: what the stack adds, and what Batch says of the node. */
export function toNodeEnvironment(account: Account, node: BatchNode): Record<string, string> {
  return {
    ...(node.host?.env as Record<string, string> | undefined),
    AZ_BATCH_ACCOUNT_NAME: account.settings.accountName,
    AZ_BATCH_ACCOUNT_URL: `${account.url}/`,
    AZ_BATCH_POOL_ID: node.poolId,
    AZ_BATCH_NODE_ID: node.id,
    AZ_BATCH_NODE_IS_DEDICATED: String(node.kind === "dedicated"),
    AZ_BATCH_NODE_ROOT_DIR: node.folder,
    AZ_BATCH_NODE_SHARED_DIR: `${node.folder}/shared`,
    AZ_BATCH_NODE_STARTUP_DIR: `${node.folder}/startup`,
  };
}

/** `environmentSettings` as a caller sends them. */
export function toEnvironmentSettings(given: Json, name = "environmentSettings"): Record<string, string> {
  const settings = listAt(given, name).map((each) => [
    textAt(each, "name") ?? "",
    textAt(each, "value") ?? "",
  ]);
  return Object.fromEntries(settings) as Record<string, string>;
}
