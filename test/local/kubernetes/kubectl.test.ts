import { execFile, execFileSync } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { RunId } from "../../../model/ids.ts";
import { planManifests, toManifestList } from "../../../services/kubernetes/plan-manifests.ts";
import { sampleSettings } from "../../services/kubernetes/local-compute.ts";
import { type LocalKubernetes, patience, startLocalKubernetes } from "./local-kubernetes.ts";

/** Debian's package kubernetes-client has it. */
const program = "kubectl";

const hasKubectl = (): boolean => {
  try {
    execFileSync(program, ["version", "--client"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
};
const isThere = hasKubectl();
const title = isThere
  ? "kubectl"
  : "kubectl (skipped: it is not on the PATH; apt-get install kubernetes-client)";

describe.skipIf(!isThere)(title, () => {
  let local: LocalKubernetes;
  let file: string;
  const runId = RunId.parse("20260102-030405-abcdef");
  const name = "run-20260102-030405-abcdef-1";

  beforeAll(async () => {
    local = await startLocalKubernetes();
    file = join(dirname(local.kubeconfigFile), "run.json");
    const settings = sampleSettings({ WORKER_COMMAND: "sh -c env" });
    const manifests = planManifests(settings, { runId, round: 1, pods: 2, login: "Password" });
    await writeFile(file, JSON.stringify(toManifestList(manifests)));
  });
  afterAll(() => local.stop());

  const kubectl = async (...args: string[]): Promise<string> => {
    const all = ["--kubeconfig", local.kubeconfigFile, "--namespace", "jobs", ...args];
    // It keeps what it discovered; a home of its own keeps that out of the way.
    const env = { PATH: process.env["PATH"] ?? "", HOME: dirname(file) };
    return (await promisify(execFile)(program, all, { env })).stdout;
  };

  test("applies a run's manifests; again, nothing changes", async () => {
    const made = await kubectl("apply", "-f", file);
    expect(made.trim().split("\n")).toEqual([
      "serviceaccount/sqlfleet-worker created",
      `configmap/${name} created`,
      `job.batch/${name} created`,
    ]);
    const again = await kubectl("apply", "-f", file);
    expect(again.match(/unchanged/g)).toHaveLength(3);
  });

  test("waits, gets, describes and shows logs", async () => {
    await kubectl(
      "wait",
      "--for=condition=complete",
      `job/${name}`,
      `--timeout=${patience.timeout / 1_000}s`,
    );
    expect(await kubectl("get", "jobs")).toMatch(new RegExp(`${name} +Complete +2/2 `));
    expect(await kubectl("get", "pods", "-o", "wide")).toMatch(/0\/1 +Completed +0 .* local-node-1/);
    expect(await kubectl("get", "configmap", name, "-o", "jsonpath={.data.RUN_ID}")).toBe(runId);
    const described = await kubectl("describe", "job", name);
    expect(described).toMatch(/Pods Statuses: +0 Active \(0 Ready\) \/ 2 Succeeded \/ 0 Failed|2 Succeeded/);
    expect(described).toContain("SuccessfulCreate");
    expect(await kubectl("describe", "pods")).toMatch(/Exit Code: +0/);
    expect(await kubectl("logs", `job/${name}`, "--follow")).toContain(`RUN_ID=${runId}`);
    expect(await kubectl("get", "events")).toContain("Job completed");
  });

  test("shows the node, all there is, and what may be done", async () => {
    expect(await kubectl("get", "nodes")).toMatch(/^NAME +STATUS +ROLES +AGE +VERSION\nlocal-node-1 +Ready /);
    const all = await kubectl("get", "all");
    expect(all).toContain(`pod/${name}-`);
    expect(all).toContain(`job.batch/${name} `);
    const review = join(dirname(file), "review.json");
    await writeFile(
      review,
      JSON.stringify({
        ...{ apiVersion: "authorization.k8s.io/v1", kind: "SelfSubjectAccessReview" },
        spec: { resourceAttributes: { verb: "create", resource: "pods", namespace: "jobs" } },
      }),
    );
    expect(await kubectl("create", "-f", review, "-o", "jsonpath={.status.allowed}")).toBe("true");
  });

  test("makes with create what is first written down (create itself sends Protobuf)", async () => {
    const made = join(dirname(file), "made.yaml");
    await writeFile(
      made,
      await kubectl("create", "configmap", "made", "--from-literal=a=b", "--dry-run=client", "-o", "yaml"),
    );
    expect(await kubectl("create", "-f", made)).toBe("configmap/made created\n");
    await kubectl("delete", "-f", made);
  });

  test("applies on the server's side", async () => {
    expect(await kubectl("apply", "--server-side", "--force-conflicts", "-f", file)).toMatch(
      /serverside-applied/,
    );
  });

  test("deletes, and waits until nothing is left", async () => {
    await kubectl("delete", "-f", file);
    expect(await kubectl("get", "jobs,pods,configmaps", "-o", "name")).toBe("");
  });
});
