import { randomUUID } from "node:crypto";
import { ClientSecretCredential, type TokenCredential } from "@azure/identity";
import { type LocalIdentity, type RunningIdentity, startIdentity } from "../../../local/identity/server.ts";
import { type RunningStorage, startStorage } from "../../../local/storage/azurite.ts";
import { createRoleFront } from "../../../local/storage/front/role-front.ts";
import { storageAssignments } from "../../../local/storage/roles/assignments.ts";
import { createTrustedCertificates } from "../trusted-certificates.ts";

const names = ["functionApp", "worker", "stranger"] as const;
export type Who = (typeof names)[number];

export interface RoleStandIns {
  readonly storage: RunningStorage;
  readonly as: (who: Who) => TokenCredential;
  /** A token with the right issuer and claims, signed by somebody else. */
  readonly forged: TokenCredential;
  stop(): Promise<void>;
}

/** Azurite behind the stack's own role assignments, and the identities they are about. */
export async function startRoleStandIns(allowSharedKeyAccess: boolean): Promise<RoleStandIns> {
  const tls = await createTrustedCertificates();
  const identities = Object.fromEntries(names.map((name) => [name, createIdentity(name)])) as Record<
    Who,
    LocalIdentity
  >;
  const directory = { identities: Object.values(identities), tls };
  const identity = await startIdentity(directory);
  const forger = await startIdentity({ ...directory, tenantId: identity.tenantId });
  const storage = await startStorage({
    ...{ tls, oauth: true },
    fronts: [
      createRoleFront({
        ...{ tls, allowSharedKeyAccess, verifyToken: identity.verifyToken },
        authority: `${identity.authorityHost}/${identity.tenantId}`,
        assignments: storageAssignments.map(({ principal, ...assignment }) => ({
          ...assignment,
          principalId: identities[principal].principalId,
        })),
      }),
    ],
  });
  return {
    storage,
    as: (who) => toCredential(identity, identities[who]),
    forged: toCredential(forger, identities.functionApp),
    stop: async () => {
      await Promise.all([storage.stop(), identity.stop(), forger.stop()]);
    },
  };
}

function createIdentity(name: string): LocalIdentity {
  return { name, clientId: randomUUID(), principalId: randomUUID(), resourceId: `/${name}`, secret: "proof" };
}

function toCredential(
  { tenantId, authorityHost }: RunningIdentity,
  { clientId }: LocalIdentity,
): TokenCredential {
  return new ClientSecretCredential(tenantId, clientId, "proof", {
    authorityHost,
    disableInstanceDiscovery: true,
  });
}
