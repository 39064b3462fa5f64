import { describe, expect, test } from "vitest";
import { RunId } from "../../../model/ids.ts";
import { planManifests, toManifestList } from "../../../services/kubernetes/plan-manifests.ts";
import { findModelErrors } from "./check-against-models.ts";
import { sampleSettings } from "./local-compute.ts";

const round = { runId: RunId.parse("20260102-030405-abcdef"), round: 2, pods: 5 };
const plan = (...args: Parameters<typeof sampleSettings>) => planManifests(sampleSettings(...args), round);

describe("the manifests of a round", () => {
  test.each(["vault", "csi"] as const)("have only fields the published models have (%s)", (secrets) => {
    const { job, configMap, serviceAccount } = plan({ KUBERNETES_SECRETS: secrets });
    expect(findModelErrors(job, "V1Job")).toEqual([]);
    expect(findModelErrors(configMap, "V1ConfigMap")).toEqual([]);
    expect(findModelErrors(serviceAccount, "V1ServiceAccount")).toEqual([]);
  });

  test("would be caught with a field that is not there, or of another type", () => {
    const spec = { paralellism: 1, template: { spec: { containers: [{ name: 1 }] } } };
    expect(findModelErrors({ spec }, "V1Job")).toEqual([
      ".spec.paralellism is no field of V1JobSpec",
      ".spec.template.spec.containers[0].name is no string",
    ]);
  });

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

  test("print as one list, what others need first", () => {
    const { items } = toManifestList(plan({ KUBERNETES_SECRETS: "csi" })) as { items: { kind: string }[] };
    expect(items.map(({ kind }) => kind)).toEqual([
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
