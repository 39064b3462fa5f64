import { join } from "node:path";
import type { RunningIdentity } from "../identity/server.ts";
import { startKeyVault, type RunningKeyVault } from "../key-vault/server.ts";
import { startDatabases } from "../sql-server/databases.ts";
import type { Databases } from "../sql-server/tenant-databases.ts";
import { startStorage, type RunningStorage } from "../storage/azurite.ts";
import type { StorageFront } from "../storage/front/front.ts";
import { createRoleFront } from "../storage/front/role-front.ts";
import { storageAssignments } from "../storage/roles/assignments.ts";
import type { Identities, LocalIdentityFacts } from "./identities.ts";
import type { PartsOptions, Tls, Trouble } from "./options.ts";

export function startVault(
  { authorityHost, tenantId, verifyToken }: RunningIdentity,
  { functionApp, worker }: Pick<Identities, "functionApp"> & Partial<Identities>,
  tls: Tls,
  trouble?: Trouble,
): Promise<RunningKeyVault> {
  const access = [
    { clientId: functionApp.clientId, permissions: "readWrite" as const },
    ...(worker ? [{ clientId: worker.clientId, permissions: "read" as const }] : []),
  ];
  const authority = `${authorityHost}/${tenantId}`;
  return startKeyVault({
    ...{ tls, verifyToken, access, authority },
    ...(trouble && { fault: trouble.keyVault }),
  });
}

/** Entra users of the databases: the workers' identity. */
export function startSql(
  options: PartsOptions,
  { trust }: RunningIdentity,
  { clientId, name }: LocalIdentityFacts,
  tls: Tls,
): Promise<Databases> {
  const folder = join(options.folder, "sql");
  return startDatabases({ ...options, folder, tls, tokens: { trust, users: { [clientId]: name } } });
}

/** With keys there is nothing for roles to say. Where none are used, none are taken, as `deploy/` has it. */
export function startAzurite(
  { folder, onFailure, trouble, identityOnly = false }: PartsOptions,
  identity: RunningIdentity,
  identities: Identities,
  tls: Tls,
): Promise<RunningStorage> {
  const onUnexpectedExit = (reason: string): void => {
    onFailure(`Azurite ended: ${reason}`);
  };
  const fronts = [
    ...(identityOnly ? [createRoles(identity, identities, tls)] : []),
    ...(trouble ? [trouble.storageFront] : []),
  ];
  return startStorage({
    ...{ folder: join(folder, "azurite"), tls, oauth: true, onUnexpectedExit, fronts },
  });
}

function createRoles(
  { authorityHost, tenantId, verifyToken }: RunningIdentity,
  identities: Identities,
  tls: Tls,
): StorageFront {
  return createRoleFront({
    ...{ tls, verifyToken, allowSharedKeyAccess: false },
    authority: `${authorityHost}/${tenantId}`,
    assignments: storageAssignments.map(({ principal, ...assignment }) => ({
      ...assignment,
      principalId: identities[principal].principalId,
    })),
  });
}
