import { DefaultAzureCredential, type TokenCredential } from "@azure/identity";

/**
 * Who this process is: the user-assigned managed identity where Azure runs it, a developer's own login
 * elsewhere. AZURE_TOKEN_CREDENTIALS narrows the chain to one link.
 * @param clientId of the user-assigned identity; several identities on a node need it named.
 */
export function createCredential(clientId: string | undefined): TokenCredential {
  return new DefaultAzureCredential(clientId ? { managedIdentityClientId: clientId } : {});
}
