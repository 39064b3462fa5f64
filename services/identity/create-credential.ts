import {
  AzureCliCredential,
  ClientCertificateCredential,
  ClientSecretCredential,
  DefaultAzureCredential,
  ManagedIdentityCredential,
  type TokenCredential,
  WorkloadIdentityCredential,
} from "@azure/identity";
import { Failure } from "../../model/failures.ts";
import { chooseIdentity, type IdentityKind, type IdentitySettings } from "../../model/identity.ts";
import { readNodeCertificate } from "./certificate/read-node-certificate.ts";
import { toIdentityFailure } from "./to-identity-failure.ts";

/**
 * Who this process is. Nothing is asked before the first token is needed; every way a proof can fail is then a
 * Failure of the catalogue (Identity…, Certificate…).
 */
export function createCredential(settings: IdentitySettings): TokenCredential {
  const kind = chooseIdentity(settings);
  let opening: Promise<TokenCredential> | undefined;
  return {
    getToken: async (scopes, options) => {
      try {
        opening ??= open(kind, settings);
        return await (await opening).getToken(scopes, options);
      } catch (error) {
        // A certificate that was missing may have been put there meanwhile.
        if (error instanceof Failure) opening = undefined;
        throw toIdentityFailure(error, settings.AZURE_CLIENT_ID);
      }
    },
  };
}

async function open(kind: IdentityKind, settings: IdentitySettings): Promise<TokenCredential> {
  const clientId = settings.AZURE_CLIENT_ID;
  const authority = toAuthority(settings);
  switch (kind) {
    case "managed":
      return clientId ? new ManagedIdentityCredential({ clientId }) : new ManagedIdentityCredential();
    case "workload": {
      const { tenantId, clientId: id } = requirePrincipal(kind, settings);
      const tokenFilePath = required(kind, settings, "AZURE_FEDERATED_TOKEN_FILE");
      return new WorkloadIdentityCredential({ tenantId, clientId: id, tokenFilePath, ...authority });
    }
    case "secret": {
      const { tenantId, clientId: id } = requirePrincipal(kind, settings);
      const secret = required(kind, settings, "AZURE_CLIENT_SECRET");
      return new ClientSecretCredential(tenantId, id, secret, authority);
    }
    case "certificate":
      return openByCertificate(settings);
    case "cli":
      return new AzureCliCredential(settings.AZURE_TENANT_ID ? { tenantId: settings.AZURE_TENANT_ID } : {});
    case "default":
      return new DefaultAzureCredential({
        ...(clientId && { managedIdentityClientId: clientId }),
        ...authority,
      });
  }
}

async function openByCertificate(settings: IdentitySettings): Promise<TokenCredential> {
  const { tenantId, clientId } = requirePrincipal("certificate", settings);
  const { pem } = await readNodeCertificate({
    folder: required("certificate", settings, "AZ_BATCH_CERTIFICATES_DIR"),
    thumbprint: required("certificate", settings, "AZURE_CLIENT_CERTIFICATE_THUMBPRINT"),
    now: new Date(),
  });
  return new ClientCertificateCredential(tenantId, clientId, { certificate: pem }, toAuthority(settings));
}

interface Authority {
  readonly authorityHost?: string;
  readonly disableInstanceDiscovery?: boolean;
}

function toAuthority(settings: IdentitySettings): Authority {
  return {
    ...(settings.AZURE_AUTHORITY_HOST && { authorityHost: settings.AZURE_AUTHORITY_HOST }),
    ...(settings.AZURE_DISABLE_INSTANCE_DISCOVERY && { disableInstanceDiscovery: true }),
  };
}

function requirePrincipal(
  kind: IdentityKind,
  settings: IdentitySettings,
): { readonly tenantId: string; readonly clientId: string } {
  const tenantId = required(kind, settings, "AZURE_TENANT_ID");
  if (settings.AZURE_CLIENT_ID) return { tenantId, clientId: settings.AZURE_CLIENT_ID };
  throw new Failure("IdentityClientIdMissing", `The identity '${kind}' needs AZURE_CLIENT_ID.`);
}

type TextSetting = Exclude<keyof IdentitySettings, "AZURE_DISABLE_INSTANCE_DISCOVERY">;

function required(kind: IdentityKind, settings: IdentitySettings, name: TextSetting): string {
  const value = settings[name];
  if (value) return value;
  throw new Failure("IdentityNotConfigured", `The identity '${kind}' needs the setting ${name}.`);
}
