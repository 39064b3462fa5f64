import { z } from "zod";

/** `.local/stack.json`: all that another client needs to look inside. It holds the stack's made-up secrets. */
export const StackFile = z.object({
  /** Base of the HTTP API, `http://127.0.0.1:7071/api`. */
  api: z.string(),
  /** For `x-functions-key` or `?code=`. */
  functionKey: z.string(),
  /** Opens everything, the host's /admin routes included. */
  masterKey: z.string(),
  keyVault: z.string(),
  callbackVault: z.string(),
  /** PEM file of the certificate authority of everything that speaks TLS. */
  ca: z.string(),
  storage: z.object({
    account: z.string(),
    key: z.string(),
    blob: z.string(),
    queue: z.string(),
    table: z.string(),
    connectionString: z.string(),
  }),
  serviceBus: z.object({ connectionString: z.string(), namespace: z.string(), topic: z.string() }),
  eventHubs: z.object({ connectionString: z.string(), namespace: z.string(), hub: z.string() }),
  batch: z.object({
    url: z.string(),
    account: z.string(),
    key: z.string(),
    subscription: z.string(),
    resourceGroup: z.string(),
  }),
  kubernetes: z.object({
    url: z.string(),
    /** Text for `kubectl --kubeconfig`: the administrator's. */
    kubeconfig: z.string(),
  }),
  identity: z.object({
    authorityHost: z.string(),
    tenantId: z.string(),
    /** Environment with which `@azure/identity` becomes the Function App. */
    functionApp: z.record(z.string(), z.string()),
    /** Environment with which `@azure/identity` becomes a worker's node. */
    worker: z.record(z.string(), z.string()),
  }),
  sql: z.array(
    z.object({
      /** As a target names it: `localhost,14331`. */
      server: z.string(),
      user: z.string(),
      password: z.string(),
      databases: z.array(z.string()),
    }),
  ),
  /** There are no secrets: runs log in to the databases with auth.kind ManagedIdentity. */
  identityOnly: z.boolean(),
  /** Body for `PUT /api/secrets`; empty when everything is opened by identity. */
  secrets: z.record(z.string(), z.string()),
});
export type StackFile = z.infer<typeof StackFile>;
