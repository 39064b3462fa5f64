import { z } from "zod";

/** The secrets a fleet needs, named as in SQL Build Manager, so that an existing Key Vault can be used as it is. */
export const SecretName = z.enum([
  "StorageAccountName",
  "StorageAccountKey",
  "EventHubConnectionString",
  "ServiceBusTopicConnectionString",
  "UserName",
  "Password",
  "BatchAccountKey",
  "ContainerRegistryPassword",
]);
export type SecretName = z.infer<typeof SecretName>;
