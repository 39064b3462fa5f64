import { mkdtemp, mkdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { connect } from "../../../services/kubernetes/connect.ts";
import type { FunctionSettings } from "../../../model/settings.ts";
import { type LocalKubernetes, startLocalKubernetes } from "../../local/kubernetes/local-kubernetes.ts";
import { sampleSettings } from "./local-compute.ts";

let local: LocalKubernetes;
let folder: string;
beforeAll(async () => {
  local = await startLocalKubernetes();
  folder = await mkdtemp(join(tmpdir(), "connect-"));
});
afterAll(async () => {
  await local.stop();
  await rm(folder, { recursive: true, force: true });
});
afterEach(() => vi.unstubAllEnvs());

const list = async (settings: Partial<FunctionSettings>, root?: string, who = local.operator) => {
  const { core } = await connect(sampleSettings(settings), local.credential(who), root);
  return core.listNamespacedPod({ namespace: "jobs" });
};

test("by the file KUBECONFIG names", async () => {
  vi.stubEnv("KUBECONFIG", local.kubeconfigFile);
  expect((await list({ KUBERNETES_AUTH: "kubeconfig" })).items).toEqual([]);
});

test("by the identity's token, with the cluster's authority as a file or as text", async () => {
  const KUBERNETES_CA_FILE = join(folder, "ca.pem");
  await writeFile(KUBERNETES_CA_FILE, local.ca);
  const aks = { KUBERNETES_API_SERVER: local.kubernetes.url };
  expect((await list({ ...aks, KUBERNETES_CA_FILE })).items).toEqual([]);
  const KUBERNETES_CA_DATA = Buffer.from(local.ca).toString("base64");
  expect((await list({ ...aks, KUBERNETES_CA_DATA })).items).toEqual([]);
});

test("from inside the cluster, by the pod's service account", async () => {
  const place = join(folder, "var/run/secrets/kubernetes.io/serviceaccount");
  await mkdir(place, { recursive: true });
  await writeFile(join(place, "ca.crt"), local.ca);
  await writeFile(join(place, "token"), local.kubernetes.adminToken);
  const { hostname, port } = new URL(local.kubernetes.url);
  vi.stubEnv("KUBERNETES_SERVICE_HOST", hostname);
  vi.stubEnv("KUBERNETES_SERVICE_PORT", port);
  expect((await list({ KUBERNETES_AUTH: "in-cluster" }, folder)).items).toEqual([]);
});

test("by the cluster's name: Azure is asked where it is", async () => {
  const azure = { AZURE_RESOURCE_MANAGER_URL: local.kubernetes.url, KUBERNETES_CLUSTER: "local" };
  expect((await list(azure)).items).toEqual([]);
  await expect(list({ ...azure, KUBERNETES_CLUSTER: "other" })).rejects.toMatchObject({
    code: "ComputeFailed",
    message: expect.stringContaining("no credentials for the cluster other: ResourceNotFound"),
  });
  await expect(list(azure, undefined, local.worker)).rejects.toMatchObject({
    code: "RoleMissing",
    message: expect.stringContaining("AuthorizationFailed"),
  });
});
