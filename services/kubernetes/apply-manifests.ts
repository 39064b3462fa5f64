import { PatchStrategy, setHeaderOptions, type V1Job } from "@kubernetes/client-node";
import type { Clients } from "./connect.ts";
import type { Manifests } from "./plan-manifests.ts";
import { secretProviderGroup } from "./plan-secret-provider.ts";

const serverSideApply = setHeaderOptions("Content-Type", PatchStrategy.ServerSideApply);
const mergePatch = setHeaderOptions("Content-Type", PatchStrategy.MergePatch);
/** Another writer of the same fields is overruled: nobody else makes these objects. */
const writer = { fieldManager: "sqlfleet", force: true };

/** Applies what is not there yet, and changes nothing when all of it is. */
export async function applyManifests(
  clients: Clients,
  namespace: string,
  manifests: Manifests,
): Promise<void> {
  const { serviceAccount, secretProviderClass, configMap, job } = manifests;
  const named = (metadata: { name?: string } | undefined): { name: string; namespace: string } => ({
    name: metadata?.name ?? "",
    namespace,
  });
  const { core, batch, custom } = clients;
  await core.patchNamespacedServiceAccount(
    { ...named(serviceAccount.metadata), body: serviceAccount, ...writer },
    serverSideApply,
  );
  if (secretProviderClass) {
    await custom.patchNamespacedCustomObject(
      {
        ...secretProviderGroup,
        ...named(secretProviderClass.metadata),
        body: secretProviderClass,
        ...writer,
      },
      serverSideApply,
    );
  }
  await core.patchNamespacedConfigMap(
    { ...named(configMap.metadata), body: configMap, ...writer },
    serverSideApply,
  );
  const made = await batch.patchNamespacedJob(
    { ...named(job.metadata), body: job, ...writer },
    serverSideApply,
  );
  await core.patchNamespacedConfigMap({ ...named(configMap.metadata), body: toOwned(made) }, mergePatch);
}

/** The ConfigMap goes with its job, also when the cluster deletes the job because its time is over. */
function toOwned({ metadata }: V1Job): object {
  const owner = { apiVersion: "batch/v1", kind: "Job", name: metadata?.name, uid: metadata?.uid };
  return { metadata: { ownerReferences: [owner] } };
}
