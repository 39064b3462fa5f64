import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parseAllDocuments } from "yaml";
import { root } from "../../../local/root.ts";
import { RunId } from "../../../model/ids.ts";
import type { FunctionSettings } from "../../../model/settings.ts";
import {
  type Manifests,
  planManifests,
  type Round,
  toManifestList,
} from "../../../services/kubernetes/plan-manifests.ts";
import { findSchemaErrors } from "./check-against-schemas.ts";
import { sampleSettings } from "./local-compute.ts";

const round = { runId: RunId.parse("20260102-030405-abcdef"), round: 2, pods: 5, login: "Password" as const };
const plan = (...args: Parameters<typeof sampleSettings>) => planManifests(sampleSettings(...args), round);
const byIdentity = {
  STORAGE_ACCOUNT_NAME: "account",
  SERVICE_BUS_NAMESPACE: "namespace",
  EVENT_HUBS_NAMESPACE: "namespace",
};

const itemsOf = (manifests: Manifests) =>
  (toManifestList(manifests) as { items: { apiVersion: string; kind: string }[] }).items;

describe("the published schemas", () => {
  const modes: readonly (readonly [string, Partial<FunctionSettings>, Round["login"]])[] = [
    ["secrets read from the vault", {}, "Password"],
    ["secrets mounted", { KUBERNETES_SECRETS: "csi", AZURE_TENANT_ID: "tenant" }, "Password"],
    [
      "secrets mounted, no login",
      { KUBERNETES_SECRETS: "csi", AZURE_TENANT_ID: "tenant" },
      "ManagedIdentity",
    ],
    ["identity only", { ...byIdentity, KUBERNETES_SECRETS: "csi" }, "ManagedIdentity"],
    ["a certificate", { WORKER_IDENTITY: "certificate", WORKER_CERTIFICATE_THUMBPRINT: "ab" }, "Password"],
  ];

  test.each(modes)("take what a round needs (%s)", (_, settings, login) => {
    const manifests = itemsOf(planManifests(sampleSettings(settings), { ...round, login }));
    expect(manifests.flatMap(findSchemaErrors)).toEqual([]);
    expect(manifests.length).toBeGreaterThanOrEqual(3);
  });

  test("take what deploy/kubernetes holds", async () => {
    const folder = join(root, "deploy", "kubernetes");
    const kinds: string[] = [];
    for (const file of await readdir(folder)) {
      for (const document of parseAllDocuments(await readFile(join(folder, file), "utf8"))) {
        const manifest = document.toJS() as { apiVersion: string; kind: string };
        expect(findSchemaErrors(manifest), file).toEqual([]);
        kinds.push(manifest.kind);
      }
    }
    expect(kinds.sort()).toEqual(["Namespace", "Role", "RoleBinding"]);
  });

  test("would tell of a field that is not there, of another type, or missing", () => {
    const spec = { paralellism: 1, template: { spec: { containers: [{ name: 1 }] } } };
    expect(findSchemaErrors({ ...{ apiVersion: "batch/v1", kind: "Job" }, ...{ spec } })).toEqual([
      "data/spec/template/spec/containers/0/name must be string",
      ".spec.paralellism is no field of V1JobSpec",
      ".spec.template.spec.containers[0].name is no string",
    ]);
    const empty = { ...{ apiVersion: "batch/v1", kind: "Job" }, ...{ spec: {} } };
    expect(findSchemaErrors(empty)).toEqual(["data/spec must have required property template"]);
    expect(findSchemaErrors({ apiVersion: "batch/v2", kind: "Job" })).toEqual(["no schema of batch/v2 Job"]);
    const provider = itemsOf(plan({ KUBERNETES_SECRETS: "csi" }))[1]!;
    expect(
      findSchemaErrors({ ...provider, ...{ spec: { provider: "azure", parameters: { a: 1 } } } }),
    ).toEqual([expect.stringContaining("expected string")]);
  });
});

describe("the manifests of a round", () => {
  test("make one worker per pod, replaced when it fails, in limits of time and resources", () => {
    const { job } = plan();
    expect(job.metadata).toMatchObject({ name: "run-20260102-030405-abcdef-2", namespace: "jobs" });
    expect(job.spec).toMatchObject({ parallelism: 5, completions: 5, backoffLimit: 5 });
    expect(job.spec).toMatchObject({ activeDeadlineSeconds: 86_400, ttlSecondsAfterFinished: 3_600 });
    expect(job.spec?.template.spec?.containers[0]).toMatchObject({
      image: "registry.example/sqlfleet/worker:1",
      command: ["sleep", "600"],
      resources: { requests: { cpu: "250m", memory: "512Mi" }, limits: { cpu: "1", memory: "512Mi" } },
    });
  });

  test("give a worker more time to end than it takes to finish", () => {
    const { job } = plan({ WORKER_GRACE_SECONDS: 45 });
    expect(job.spec?.template.spec?.terminationGracePeriodSeconds).toBeGreaterThan(45);
  });

  test("let pods be found by run, spread over nodes, and act as the workers' identity", () => {
    const { job, serviceAccount } = plan();
    const labels = { "sqlfleet/run": round.runId, "sqlfleet/round": "2" };
    expect(job.metadata?.labels).toMatchObject({ ...labels, "app.kubernetes.io/name": "sqlfleet" });
    const { metadata, spec } = job.spec!.template;
    expect(metadata?.labels).toMatchObject({ ...labels, "azure.workload.identity/use": "true" });
    expect(spec?.topologySpreadConstraints).toMatchObject([{ labelSelector: { matchLabels: labels } }]);
    expect(spec?.serviceAccountName).toBe(serviceAccount.metadata?.name);
    expect(serviceAccount.metadata?.annotations).toEqual({
      "azure.workload.identity/client-id": sampleSettings().WORKER_IDENTITY_CLIENT_ID,
    });
  });

  test("let the worker write nowhere but to its own temporary folder, and be nobody special", () => {
    const { spec } = plan().job.spec!.template;
    expect(spec).toMatchObject({
      automountServiceAccountToken: false,
      securityContext: { runAsNonRoot: true },
      containers: [
        {
          securityContext: { readOnlyRootFilesystem: true, allowPrivilegeEscalation: false },
          volumeMounts: [{ name: "tmp", mountPath: "/tmp" }],
        },
      ],
      volumes: [{ name: "tmp", emptyDir: {} }],
    });
  });

  test("hold settings and no secret's name or value", () => {
    const { configMap, secretProviderClass } = plan();
    expect(configMap.data).toMatchObject({
      RUN_ID: round.runId,
      KEY_VAULT_URL: "https://fleet.vault.azure.net",
    });
    expect(Object.keys(configMap.data ?? {}).join()).not.toMatch(/password|key$|connection/i);
    expect(secretProviderClass).toBeUndefined();
  });

  test("with the driver, mount what a worker reads and nothing else", () => {
    const { secretProviderClass, job } = plan({ KUBERNETES_SECRETS: "csi", AZURE_TENANT_ID: "tenant" });
    const { objects, ...parameters } = secretProviderClass!.spec.parameters;
    expect(parameters).toMatchObject({ keyvaultName: "fleet", tenantId: "tenant", usePodIdentity: "false" });
    expect(objects).toMatch(
      /^array:\n {2}- \|\n {4}objectName: StorageAccountName\n {4}objectType: secret\n/,
    );
    expect(objects).not.toContain("BatchAccountKey");
    const { volumes } = job.spec!.template.spec!;
    expect(volumes).toContainEqual({
      name: "secrets",
      csi: expect.objectContaining({
        driver: "secrets-store.csi.k8s.io",
        volumeAttributes: { secretProviderClass: secretProviderClass!.metadata.name },
      }),
    });
  });

  test("with the driver, mount no secret that an identity takes the place of", () => {
    const planWith = (login: Round["login"], other: Partial<FunctionSettings> = {}) => {
      const settings = { KUBERNETES_SECRETS: "csi", AZURE_TENANT_ID: "tenant", ...other } as const;
      return planManifests(sampleSettings(settings), { ...round, login });
    };
    const mounted = ({ secretProviderClass }: Manifests) =>
      [...(secretProviderClass?.spec.parameters["objects"]?.matchAll(/objectName: (\w+)/g) ?? [])].map(
        ([, name]) => name,
      );
    expect(mounted(planWith("Password", byIdentity))).toEqual(["UserName", "Password"]);
    const withoutLogin = planWith("ManagedIdentity");
    expect(mounted(withoutLogin)).toHaveLength(4);
    expect(withoutLogin.secretProviderClass?.metadata.name).not.toBe(
      planWith("Password").secretProviderClass?.metadata.name,
    );
    const { secretProviderClass, job } = planWith("ManagedIdentity", byIdentity);
    expect(secretProviderClass).toBeUndefined();
    expect(job.spec?.template.spec?.volumes).toEqual([{ name: "tmp", emptyDir: { sizeLimit: "1Gi" } }]);
  });

  test("with the driver, tell the worker where its secrets are", () => {
    const containerOf = ({ job }: Manifests) => job.spec?.template.spec?.containers[0];
    const { env, volumeMounts } = containerOf(plan({ KUBERNETES_SECRETS: "csi" }))!;
    const place = volumeMounts?.find(({ name }) => name === "secrets")?.mountPath;
    expect(env).toContainEqual({ name: "SECRETS_FOLDER", value: place });
    expect(containerOf(plan())?.env?.map(({ name }) => name)).not.toContain("SECRETS_FOLDER");
  });

  test("print as one list, what others need first", () => {
    expect(itemsOf(plan({ KUBERNETES_SECRETS: "csi" })).map(({ kind }) => kind)).toEqual([
      "ServiceAccount",
      "SecretProviderClass",
      "ConfigMap",
      "Job",
    ]);
  });

  test("are the same for the same round: applying them again changes nothing", () => {
    expect(plan()).toEqual(plan());
  });
});
