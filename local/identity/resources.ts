/**
 * What a token may be asked for: the services of this stack, under the names Entra ID knows them by. Anything else
 * has no service principal in the directory.
 */
const names = [
  "https://management.azure.com",
  "https://management.core.windows.net",
  "https://graph.microsoft.com",
  "https://vault.azure.net",
  "https://storage.azure.com",
  "https://database.windows.net",
  "https://servicebus.azure.net",
  "https://eventhubs.azure.net",
  "https://batch.core.windows.net",
  "https://monitor.azure.com",
  "api://azureadtokenexchange",
  // Every AKS cluster with Entra ID.
  "6dae42f8-4368-4678-94ff-3960e28e3630",
  "api://6dae42f8-4368-4678-94ff-3960e28e3630",
];

/** One vault, account or namespace is a resource too. */
const suffixes = [
  ".vault.azure.net",
  ".blob.core.windows.net",
  ".queue.core.windows.net",
  ".table.core.windows.net",
  ".servicebus.windows.net",
  ".database.windows.net",
  ".batch.azure.com",
];

/** `resource` is a name of a service, of one instance of it, or the address of a stand-in (some clients ask so). */
export function isKnownResource(resource: string): boolean {
  const name = resource.toLowerCase().replace(/\/+$/, "");
  if (names.includes(name)) return true;
  const [, host = ""] = /^https:\/\/([^/:]+)(?::\d+)?$/.exec(name) ?? [];
  return ["localhost", "127.0.0.1"].includes(host) || suffixes.some((suffix) => host.endsWith(suffix));
}

/** As Entra ID says it, `AADSTS500011`. */
export const unknownResource = (resource: string, tenantId: string): string =>
  `The resource principal named ${resource} was not found in the tenant named ${tenantId}. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant. You might have sent your authentication request to the wrong tenant.`;
