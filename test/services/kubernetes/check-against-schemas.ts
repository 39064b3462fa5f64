import { Job } from "kubernetes-models/batch/v1";
import { Role, RoleBinding } from "kubernetes-models/rbac.authorization.k8s.io/v1";
import { ConfigMap, Namespace, ServiceAccount } from "kubernetes-models/v1";
import { z } from "zod";
import { findModelErrors } from "./check-against-models.ts";

interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
}

/**
 * Checks a manifest against what Kubernetes publishes: its schemas (types, what is required, what may be chosen)
 * and, as these allow fields they do not know, the client's models for the fields' names.
 * @returns what is wrong, by path.
 */
export function findSchemaErrors(manifest: Manifest): readonly string[] {
  const { apiVersion, kind } = manifest;
  if (kind === "SecretProviderClass") return findProviderErrors(manifest);
  const known = kinds.find((each) => each.apiVersion === apiVersion && each.kind === kind);
  if (!known) return [`no schema of ${apiVersion} ${kind}`];
  return [...findErrors(known.create(manifest as never)), ...findModelErrors(manifest, `V1${kind}`)];
}

interface Kind extends Manifest {
  readonly create: (manifest: never) => { validate(): unknown };
}

const kinds: readonly Kind[] = [
  { apiVersion: "batch/v1", kind: "Job", create: (manifest) => new Job(manifest) },
  { apiVersion: "v1", kind: "ConfigMap", create: (manifest) => new ConfigMap(manifest) },
  { apiVersion: "v1", kind: "Namespace", create: (manifest) => new Namespace(manifest) },
  { apiVersion: "v1", kind: "ServiceAccount", create: (manifest) => new ServiceAccount(manifest) },
  { apiVersion: "rbac.authorization.k8s.io/v1", kind: "Role", create: (manifest) => new Role(manifest) },
  {
    ...{ apiVersion: "rbac.authorization.k8s.io/v1", kind: "RoleBinding" },
    create: (manifest) => new RoleBinding(manifest),
  },
];

function findErrors(model: { validate(): unknown }): readonly string[] {
  try {
    model.validate();
    return [];
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)];
  }
}

/**
 * The driver's own resource is in no package: its fields, by hand.
 * https://secrets-store-csi-driver.sigs.k8s.io/concepts#secretproviderclass
 */
const secretProviderClass = z.strictObject({
  apiVersion: z.literal("secrets-store.csi.x-k8s.io/v1"),
  kind: z.literal("SecretProviderClass"),
  metadata: z.strictObject({
    name: z.string(),
    namespace: z.string(),
    labels: z.record(z.string(), z.string()),
  }),
  spec: z.strictObject({ provider: z.literal("azure"), parameters: z.record(z.string(), z.string()) }),
});

function findProviderErrors(manifest: Manifest): readonly string[] {
  const { error } = secretProviderClass.safeParse(manifest);
  return error ? [z.prettifyError(error)] : [];
}
