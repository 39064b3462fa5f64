import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Cluster } from "../cluster.ts";
import type { Container, CsiSource, FileSource, Json, Pod, VolumeSource } from "../objects.ts";
import { readConfigMap, readSecret } from "./environment.ts";
import { readSecretObjects } from "./secrets-store.ts";
import { issueServiceAccountToken } from "./service-account-token.ts";

/** A volume that cannot be made now, and maybe later; the message is the kubelet's. */
export class VolumeNotReady extends Error {}

/**
 * Writes the pod's volumes, each into a folder of its own. Later changes of their sources do not reach it.
 * @throws VolumeNotReady
 */
export async function writeVolumes(cluster: Cluster, pod: Pod, folder: string): Promise<void> {
  for (const volume of pod.spec.volumes ?? []) {
    const place = join(folder, "volumes", volume.name);
    await mkdir(place, { recursive: true });
    for (const source of [volume, ...(volume.projected?.sources ?? [])]) {
      for (const [path, text] of await filesOf(cluster, pod, source, volume.name)) {
        await mkdir(dirname(join(place, path)), { recursive: true });
        await writeFile(join(place, path), text, { mode: 0o600 });
      }
    }
  }
}

type Files = readonly (readonly [path: string, text: string])[];

function filesOf(
  cluster: Cluster,
  pod: Pod,
  { configMap, secret, serviceAccountToken, csi }: VolumeSource,
  volume: string,
): Files | Promise<Files> {
  if (configMap) return chooseFiles(configMap, readConfigMap(cluster, pod, configMap.name));
  if (secret) return chooseFiles(secret, readSecret(cluster, pod, secret.secretName ?? secret.name ?? ""));
  if (serviceAccountToken)
    return [[serviceAccountToken.path, issueToken(cluster, pod, serviceAccountToken.audience)]];
  return csi ? mount(cluster, pod, csi, volume) : [];
}

async function mount(cluster: Cluster, pod: Pod, csi: CsiSource, volume: string): Promise<Files> {
  try {
    return await readSecretObjects(cluster, pod, csi);
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    throw new VolumeNotReady(`MountVolume.SetUp failed for volume "${volume}" : ${text}`, { cause: error });
  }
}

function chooseFiles({ items }: FileSource, data: Json = {}): Files {
  const wanted = items ?? Object.keys(data).map((key) => ({ key, path: key }));
  return wanted.filter(({ key }) => key in data).map(({ key, path }) => [path, String(data[key])]);
}

function issueToken(cluster: Cluster, { metadata, spec }: Pod, audience: string | undefined): string {
  const { namespace = "" } = metadata;
  const owner = { namespace, serviceAccount: spec.serviceAccountName ?? "default" };
  return issueServiceAccountToken(cluster, owner, { audience });
}

/**
 * Paths below a mount, as the process must see them: it has no root file system of its own, so whatever the
 * manifest says of a mounted path (in a variable, in an argument) is said of the volume's folder. For the same reason it
 * sees this machine's files, also those below a path it mounts: a checkout in /tmp. They are meant where the volume has
 * nothing under their path.
 */
export function toHostPath(container: Container, folder: string): (text: string) => string {
  const mounts = (container.volumeMounts ?? []).map(({ name, mountPath }) => ({
    mountPath: mountPath.replace(/\/+$/, ""),
    place: join(folder, "volumes", name),
  }));
  // The longest path first: one mount may lie inside another.
  mounts.sort((a, b) => b.mountPath.length - a.mountPath.length);
  return (text) => {
    const mount = mounts.find(({ mountPath }) => text === mountPath || text.startsWith(`${mountPath}/`));
    if (!mount) return text;
    const mounted = mount.place + text.slice(mount.mountPath.length);
    return !existsSync(mounted) && existsSync(text) ? text : mounted;
  };
}
