import { randomUUID } from "node:crypto";
import { type Cluster, now } from "../cluster.ts";

/**
 * A token of a service account. For the outside (with an audience) one the identity provider can verify, which has
 * its own life; for this server one it remembers, for `seconds` or, without, as long as it runs.
 */
export function issueServiceAccountToken(
  cluster: Cluster,
  { namespace, serviceAccount }: { readonly namespace: string; readonly serviceAccount: string },
  { audience, seconds }: { readonly audience?: string | undefined; readonly seconds?: number },
): string {
  const subject = `system:serviceaccount:${namespace}:${serviceAccount}`;
  const { workloadIdentity } = cluster.settings;
  if (audience !== undefined && audience !== cluster.url && workloadIdentity) {
    return workloadIdentity.issueToken(subject);
  }
  const token = `${serviceAccount}.${randomUUID()}`;
  const expiresAt = seconds === undefined ? Infinity : now(cluster) + seconds * 1_000;
  cluster.serviceAccountTokens.set(token, { subject, expiresAt });
  return token;
}
