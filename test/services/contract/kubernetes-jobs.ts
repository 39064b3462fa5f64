import { PatchStrategy, type V1Job, type V1Pod } from "@kubernetes/client-node";
import { describe, expect, test } from "vitest";
import { asPatch, eventually, type KubernetesSubject, newName, toClients } from "./kubernetes-subject.ts";

/** How jobs and their pods behave, in any cluster. */
export function describeJobs(name: string, open: () => KubernetesSubject): void {
  const subject = () => toClients(open());
  const newJob = (script: string, spec: object = {}, pod: object = {}): object => ({
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: { name: newName() },
    spec: {
      ...spec,
      template: {
        spec: {
          restartPolicy: "Never",
          terminationGracePeriodSeconds: 2,
          containers: [{ name: "main", image: subject().image, command: ["sh", "-c", script] }],
          ...pod,
        },
      },
    },
  });
  const start = async (body: object) => {
    const { batch, namespace } = subject();
    const job = await batch.createNamespacedJob({ namespace, body });
    return job.metadata!.name!;
  };
  const podsOf = async (job: string): Promise<V1Pod[]> => {
    const { core, namespace } = subject();
    return (await core.listNamespacedPod({ namespace, labelSelector: `job-name=${job}` })).items;
  };
  const untilCondition = (job: string, type: string): Promise<V1Job> =>
    eventually(subject(), async () => {
      const { batch, namespace } = subject();
      const found = await batch.readNamespacedJob({ name: job, namespace });
      expect(found.status?.conditions).toContainEqual(expect.objectContaining({ type, status: "True" }));
      return found;
    });
  const untilRunning = (job: string, count: number): Promise<V1Pod[]> =>
    eventually(subject(), async () => {
      const pods = (await podsOf(job)).filter(({ status }) => status?.phase === "Running");
      expect(pods).toHaveLength(count);
      return pods;
    });
  const remove = (job: string, propagationPolicy = "Background") => {
    const { batch, namespace } = subject();
    return batch.deleteNamespacedJob({ name: job, namespace, propagationPolicy });
  };

  describe(`Kubernetes jobs: ${name}`, () => {
    test("run so many pods, and are complete when all succeeded", async () => {
      const job = await start(newJob("echo hello from $HOSTNAME", { parallelism: 2, completions: 3 }));
      const { status } = await untilCondition(job, "Complete");
      expect(status?.succeeded).toBe(3);
      expect(status?.completionTime).toBeInstanceOf(Date);
      const { core, namespace } = subject();
      const [pod] = await podsOf(job);
      const log = await core.readNamespacedPodLog({ namespace, name: pod!.metadata!.name! });
      expect(log).toBe(`hello from ${pod!.metadata!.name!}\n`);
      await remove(job);
      await eventually(subject(), async () => {
        expect(await podsOf(job)).toEqual([]);
      });
    });

    test("without completions are complete when one pod succeeded and none is left", async () => {
      const job = await start(newJob("true", { parallelism: 2 }));
      const { status } = await untilCondition(job, "Complete");
      expect(status?.succeeded).toBe(2);
      await remove(job);
    });

    test("replace a pod that failed, so many times; then they are failed", async () => {
      const job = await start(newJob("exit 3", { backoffLimit: 1 }));
      const { status } = await untilCondition(job, "Failed");
      expect(status?.conditions?.find(({ type }) => type === "Failed")?.reason).toBe("BackoffLimitExceeded");
      expect(status?.failed).toBe(2);
      const [pod] = await podsOf(job);
      expect(pod?.status).toMatchObject({
        phase: "Failed",
        containerStatuses: [{ state: { terminated: { exitCode: 3, reason: "Error" } } }],
      });
      await remove(job);
    });

    test("over their deadline end their pods and are failed", async () => {
      const job = await start(newJob("exec sleep 600", { activeDeadlineSeconds: 1 }));
      await untilRunning(job, 1);
      const { status } = await untilCondition(job, "Failed");
      expect(status?.conditions?.find(({ type }) => type === "Failed")?.reason).toBe("DeadlineExceeded");
      await remove(job);
    });

    test("over and past their time are deleted with their pods", async () => {
      const job = await start(newJob("true", { ttlSecondsAfterFinished: 0 }));
      const { batch, namespace } = subject();
      await eventually(subject(), async () => {
        await expect(batch.readNamespacedJob({ name: job, namespace })).rejects.toMatchObject({ code: 404 });
      });
      await eventually(subject(), async () => {
        expect(await podsOf(job)).toEqual([]);
      });
    });

    test("deleted in the foreground stay until their pods are gone", async () => {
      const job = await start(newJob("exec sleep 600"));
      await untilRunning(job, 1);
      await remove(job, "Foreground");
      const { batch, namespace } = subject();
      await eventually(subject(), async () => {
        await expect(batch.readNamespacedJob({ name: job, namespace })).rejects.toMatchObject({ code: 404 });
      });
      expect(await podsOf(job)).toEqual([]);
    });

    test("deleted as orphans leave their pods", async () => {
      const job = await start(newJob("exec sleep 600"));
      const [pod] = await untilRunning(job, 1);
      await remove(job, "Orphan");
      const { core, namespace } = subject();
      const left = await core.readNamespacedPod({ namespace, name: pod!.metadata!.name! });
      expect(left.metadata?.ownerReferences ?? []).toEqual([]);
      await core.deleteNamespacedPod({ namespace, name: pod!.metadata!.name! });
      await eventually(subject(), async () => {
        expect(await podsOf(job)).toEqual([]);
      });
    });

    test("whose pods would always be started again are refused, with the field", async () => {
      const wrong = start(newJob("true", {}, { restartPolicy: "Always" }));
      await expect(wrong).rejects.toMatchObject({
        code: 422,
        body: expect.stringContaining("spec.template.spec.restartPolicy"),
      });
    });

    test("may not have their template changed", async () => {
      const job = await start(newJob("exec sleep 600", { suspend: true }));
      const { batch, namespace } = subject();
      const body = { spec: { completions: 7 } };
      const change = batch.patchNamespacedJob(
        { name: job, namespace, body },
        asPatch(PatchStrategy.MergePatch),
      );
      await expect(change).rejects.toMatchObject({
        code: 422,
        body: expect.stringContaining("field is immutable"),
      });
      expect(await podsOf(job)).toEqual([]);
      await remove(job);
    });
  });
}
