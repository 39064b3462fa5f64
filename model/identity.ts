import { z } from "zod";

/** How a process proves who it is. `default` is the SDK's own chain, for developers' machines. */
export const IdentityKind = z.enum(["managed", "workload", "secret", "certificate", "cli", "default"]);
export type IdentityKind = z.infer<typeof IdentityKind>;

/** Settings of a process's identity, under the names Azure's own libraries and hosts use where they have one. */
export const identitySettings = {
  /** Absent: by what is set, see {@link chooseIdentity}. */
  AZURE_IDENTITY: IdentityKind.optional(),
  /** Of the user-assigned managed identity or the application; without it Azure may answer with another identity. */
  AZURE_CLIENT_ID: z.string().optional(),
  AZURE_TENANT_ID: z.string().optional(),
  /** The one secret among the settings, where a service principal has nothing better. Never on a node. */
  AZURE_CLIENT_SECRET: z.string().optional(),
  /** SHA-1 of the service principal's certificate, hex (portal, Batch) or base64 (`x5t`). */
  AZURE_CLIENT_CERTIFICATE_THUMBPRINT: z.string().optional(),
  /** Where Batch lays certificates out: `sha1-{thumbprint}.pfx` and its password `sha1-{thumbprint}.pfx.pw`. */
  AZ_BATCH_CERTIFICATES_DIR: z.string().optional(),
  /** Where AKS lays out the pod's token. */
  AZURE_FEDERATED_TOKEN_FILE: z.string().optional(),
  /** Of another cloud than the public one, such as `https://login.microsoftonline.us`. */
  AZURE_AUTHORITY_HOST: z.string().optional(),
  /** `true` where Entra's list of clouds cannot be asked or does not know the authority: private clouds. */
  AZURE_DISABLE_INSTANCE_DISCOVERY: z
    .enum(["true", "false"])
    .default("false")
    .transform((text) => text === "true"),
  /** Set by App Service and Functions where a managed identity is assigned. */
  IDENTITY_ENDPOINT: z.string().optional(),
  /** Set by Batch on every node. */
  AZ_BATCH_NODE_ID: z.string().optional(),
};

export type IdentitySettings = Partial<z.infer<z.ZodObject<typeof identitySettings>>>;

/** What is asked for, else what the settings hold the means for, the strongest first. */
export function chooseIdentity(settings: IdentitySettings): IdentityKind {
  if (settings.AZURE_IDENTITY) return settings.AZURE_IDENTITY;
  if (settings.AZURE_FEDERATED_TOKEN_FILE) return "workload";
  if (settings.AZURE_CLIENT_CERTIFICATE_THUMBPRINT) return "certificate";
  if (settings.AZURE_CLIENT_SECRET) return "secret";
  if (settings.IDENTITY_ENDPOINT ?? settings.AZ_BATCH_NODE_ID) return "managed";
  return "default";
}
