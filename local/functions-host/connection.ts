import type { TokenCredential } from "@azure/core-auth";
import { ManagedIdentityCredential } from "@azure/identity";
import type { Settings } from "./options.ts";

/** Where a binding's service is and how to log on there. */
export type Connection =
  { readonly connectionString: string } | { readonly endpoint: string; readonly credential: TokenCredential };

/**
 * Reads a binding's `connection`: the setting NAME holds a connection string, or NAME__<suffix> the service's
 * address, to be used with the managed identity (NAME__clientId, else AZURE_CLIENT_ID, else the system's own).
 * Source: learn.microsoft.com/azure/azure-functions/functions-reference#configure-an-identity-based-connection
 * @throws {Error} when neither setting is there, or NAME__credential asks for another kind of identity.
 */
export function readConnection(name: string, suffixes: readonly string[], settings: Settings): Connection {
  const connectionString = settings[name];
  if (connectionString) return { connectionString };
  const endpoint = suffixes.map((suffix) => settings[`${name}__${suffix}`]).find(Boolean);
  if (endpoint === undefined) {
    throw new Error(`No setting says how to connect: "${name}" or "${name}__${suffixes.join("/")}"`);
  }
  const kind = settings[`${name}__credential`] ?? "managedidentity";
  if (kind.toLowerCase() !== "managedidentity")
    throw new Error(`${name}__credential "${kind}" is not imitated`);
  const clientId = settings[`${name}__clientId`] ?? settings["AZURE_CLIENT_ID"];
  const credential = clientId ? new ManagedIdentityCredential({ clientId }) : new ManagedIdentityCredential();
  return { endpoint, credential };
}
