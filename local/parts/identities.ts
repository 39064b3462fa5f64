import { randomUUID } from "node:crypto";
import type { RunningIdentity } from "../identity/server.ts";

export interface Identities {
  readonly functionApp: LocalIdentityFacts;
  readonly worker: LocalIdentityFacts;
}

export interface LocalIdentityFacts {
  readonly name: string;
  readonly clientId: string;
  readonly principalId: string;
  readonly resourceId: string;
}

export function createIdentity(name: string): LocalIdentityFacts {
  return {
    name,
    clientId: randomUUID(),
    principalId: randomUUID(),
    resourceId: `/subscriptions/local/resourceGroups/local/providers/Microsoft.ManagedIdentity/userAssignedIdentities/${name}`,
  };
}

/** The managed identity endpoints of the Function App, and of a node for whoever wants to be one. */
export async function openHosts(
  identity: RunningIdentity,
  { functionApp, worker }: Identities,
): Promise<HostIdentities> {
  const appHost = await identity.openHost({ identities: [functionApp.clientId], form: "app-service" });
  const nodeHost = await identity.openHost({ identities: [worker.clientId], form: "virtual-machine" });
  return {
    functionAppIdentity: { ...appHost.env, AZURE_CLIENT_ID: functionApp.clientId },
    workerIdentity: { ...nodeHost.env, AZURE_CLIENT_ID: worker.clientId },
  };
}

/** What the Function App's and the worker's managed identities find in their environment. */
export interface HostIdentities {
  readonly functionAppIdentity: Readonly<Record<string, string>>;
  readonly workerIdentity: Readonly<Record<string, string>>;
}
