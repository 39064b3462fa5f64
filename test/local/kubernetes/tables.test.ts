import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { toQualityOfService } from "../../../local/kubernetes/admission/quality-of-service.ts";
import { toAge } from "../../../local/kubernetes/discovery/age.ts";
import { type LocalKubernetes, shellJob, startJob, startLocalKubernetes } from "./local-kubernetes.ts";

describe("what kubectl prints", () => {
  let local: LocalKubernetes;
  beforeAll(async () => {
    local = await startLocalKubernetes();
  });
  afterAll(() => local.stop());

  const get = async (path: string, accept: string): Promise<unknown> => {
    const headers = { authorization: `Bearer ${local.kubernetes.adminToken}`, accept };
    return (await fetch(local.kubernetes.url + path, { headers })).json();
  };
  /** Each row by the names of its columns. */
  const table = async (path: string): Promise<Record<string, unknown>[]> => {
    const answer = await get(path, "application/json;as=Table;v=v1;g=meta.k8s.io,application/json");
    const { columnDefinitions, rows } = answer as {
      columnDefinitions: { name: string }[];
      rows: { cells: unknown[] }[];
    };
    return rows.map(({ cells }) =>
      Object.fromEntries(columnDefinitions.map(({ name }, i) => [name, cells[i]])),
    );
  };

  test("of nodes", async () => {
    expect(await table("/api/v1/nodes")).toEqual([
      expect.objectContaining({
        ...{ Name: "local-node-1", Status: "Ready", Roles: "<none>", Version: "v1.32.0+local" },
      }),
    ]);
  });

  test("of secrets and service accounts", async () => {
    const body: object = { metadata: { name: "s" }, stringData: { a: "b" } };
    await local.core.createNamespacedSecret({ namespace: "jobs", body });
    const [secret] = await table("/api/v1/namespaces/jobs/secrets");
    expect(secret).toMatchObject({ Name: "s", Type: "Opaque", Data: 1 });
    const [account] = await table("/api/v1/namespaces/jobs/serviceaccounts");
    expect(account).toMatchObject({ Name: "default", Secrets: 0 });
  });

  test("of jobs: one that was suspended and goes on runs", async () => {
    const job = await startJob(local, shellJob("sleep 30", { suspend: true }));
    await job.until("Suspended");
    const row = async (): Promise<unknown> => (await table("/apis/batch/v1/namespaces/jobs/jobs"))[0];
    expect(await row()).toMatchObject({ Status: "Suspended", Completions: "0/1", Containers: "main" });
    const body = [{ op: "replace", path: "/spec/suspend", value: false }];
    await local.batch.patchNamespacedJob({ name: job.name, namespace: "jobs", body });
    await job.pods(([pod]) => {
      expect(pod?.status).toMatchObject({ phase: "Running", qosClass: "BestEffort" });
    });
    expect(await row()).toMatchObject({ Status: "Running" });
  });

  test("all: pods and jobs", async () => {
    const categories = async (path: string): Promise<string[]> => {
      const { resources } = (await get(path, "application/json")) as {
        resources: { name: string; categories?: string[] }[];
      };
      return resources.filter((each) => each.categories?.includes("all")).map(({ name }) => name);
    };
    expect(await categories("/api/v1")).toEqual(["pods"]);
    expect(await categories("/apis/batch/v1")).toEqual(["jobs"]);
  });

  test("a limit is a request too", async () => {
    const resources = { limits: { cpu: "1", memory: "1Gi" } };
    const job = await startJob(local, shellJob("true", {}, {}, { resources }));
    const [pod] = await job.pods((pods) => {
      expect(pods).toHaveLength(1);
    });
    expect(pod?.status?.qosClass).toBe("Guaranteed");
    expect(pod?.spec?.containers[0]?.resources?.requests).toEqual(resources.limits);
  });
});

test.each([
  [{}, "BestEffort"],
  [{ limits: { "ephemeral-storage": "1Gi" } }, "BestEffort"],
  [{ requests: { cpu: "0" } }, "BestEffort"],
  [{ requests: { cpu: "100m" } }, "Burstable"],
  [{ requests: { cpu: "1", memory: "1Gi" }, limits: { cpu: "1000m", memory: "1024Mi" } }, "Guaranteed"],
  [{ requests: { cpu: 1, memory: "1Gi" }, limits: { cpu: 2, memory: "1Gi" } }, "Burstable"],
  [{ requests: { cpu: "1" }, limits: { cpu: "1" } }, "Burstable"],
])("quality of service of %j: %s", (resources, expected) => {
  expect(toQualityOfService([{ name: "a", resources }])).toBe(expected);
});

test("a pod is only as guaranteed as all its containers", () => {
  const amounts = { cpu: "1", memory: "1Gi" };
  const guaranteed = { name: "a", resources: { requests: amounts, limits: amounts } };
  expect(toQualityOfService([guaranteed, { name: "b" }])).toBe("Burstable");
});

test.each([
  [0, "0s"],
  [119, "119s"],
  [120, "2m"],
  [190, "3m10s"],
  [700, "11m"],
  [3 * 3_600, "3h"],
  [3 * 3_600 + 300, "3h5m"],
  [47 * 3_600, "47h"],
  [50 * 3_600, "2d2h"],
  [9 * 86_400, "9d"],
])("an age of %d seconds is %s", (seconds, expected) => {
  expect(toAge(seconds * 1_000)).toBe(expected);
});
