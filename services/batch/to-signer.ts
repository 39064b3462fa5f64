import type { BatchServiceClient } from "@azure/batch";
import type { TokenCredential } from "@azure/core-auth";

/** The data plane's own resource; the second slash belongs to it. */
const scope = "https://batch.core.windows.net//.default";

/**
 * Tokens for the data plane. Given a credential as it is, the SDK asks for a token for Azure Resource Manager, which
 * the service refuses.
 */
export function toSigner(credential: TokenCredential): ConstructorParameters<typeof BatchServiceClient>[0] {
  return {
    signRequest: async (request) => {
      const token = await credential.getToken(scope);
      request.headers.set("authorization", `Bearer ${token?.token ?? ""}`);
      return request;
    },
  };
}
