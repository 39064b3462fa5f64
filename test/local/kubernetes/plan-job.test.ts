import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isFinished, type JobFacts, planJob } from "../../../local/kubernetes/jobs/plan-job.ts";
import type { Job, JobSpec, Pod } from "../../../local/kubernetes/objects.ts";

const now = Date.parse("2026-01-02T03:04:05Z");
const metadata = (name: string) => ({
  ...{ name, namespace: "jobs", uid: name, resourceVersion: "1" },
  creationTimestamp: "2026-01-02T03:00:00Z",
});

const newPod = (name: string, phase: Pod["status"]["phase"]): Pod => ({
  ...{ apiVersion: "v1", kind: "Pod", metadata: metadata(name) },
  spec: { restartPolicy: "Never", terminationGracePeriodSeconds: 1, containers: [] },
  status: { phase },
});

const newJob = (spec: Partial<JobSpec>, status: Job["status"] = {}): Job => ({
  ...{ apiVersion: "batch/v1", kind: "Job", metadata: metadata("job") },
  spec: {
    ...{ parallelism: 1, backoffLimit: 6, suspend: false },
    template: { spec: newPod("template", "Pending").spec },
    ...spec,
  },
  status,
});

const facts = (job: Job, more: Partial<JobFacts> = {}): JobFacts => ({
  ...{ job, pods: [], succeeded: 0, failed: 0, lastFailureAt: 0, now, retryMilliseconds: 10_000 },
  ...more,
});

const running = (count: number) =>
  Array.from({ length: count }, (_, index) => newPod(`p${index}`, "Running"));

describe("what the job controller does next", () => {
  test("makes as many pods as may run at once, and no more than are still needed", () => {
    expect(planJob(facts(newJob({ parallelism: 3, completions: 5 }))).create).toBe(3);
    const nearlyDone = facts(newJob({ parallelism: 3, completions: 5 }), { succeeded: 4, pods: running(1) });
    expect(planJob(nearlyDone)).toMatchObject({ create: 0, remove: [] });
  });

  test("replaces a pod that is being ended at once, or when it has failed, as the job says", () => {
    const [leaving, staying] = running(2);
    const ending = { ...leaving!.metadata, deletionTimestamp: "2026-01-02T03:04:35Z" };
    const pods = [{ ...leaving!, metadata: ending }, staying!];
    const planWith = (policy: JobSpec["podReplacementPolicy"] & {}) => {
      const spec = { parallelism: 2, completions: 2, podReplacementPolicy: policy };
      return planJob(facts(newJob(spec), { pods }));
    };
    expect(planWith("TerminatingOrFailed").create).toBe(1);
    expect(planWith("Failed")).toMatchObject({ create: 0, status: { active: 1, terminating: 1 } });
  });

  test("after a failure waits, twice as long each time", () => {
    const job = newJob({ completions: 1 }, { startTime: "2026-01-02T03:04:00Z" });
    const after = (failed: number) => planJob(facts(job, { failed, lastFailureAt: now }));
    expect(after(1)).toMatchObject({ create: 0, lookAt: now + 10_000 });
    expect(after(3)).toMatchObject({ create: 0, lookAt: now + 40_000 });
    expect(planJob(facts(job, { failed: 3, lastFailureAt: now - 40_000 })).create).toBe(1);
  });

  test("looks again at the deadline, and ends everything then", () => {
    const startTime = "2026-01-02T03:04:00Z";
    const job = newJob({ completions: 1, activeDeadlineSeconds: 10 }, { startTime });
    expect(planJob(facts(job, { pods: running(1) })).lookAt).toBe(now + 5_000);
    const late = planJob(facts(job, { pods: running(1), now: now + 5_000 }));
    expect(late.remove).toHaveLength(1);
    expect(late.status.conditions).toMatchObject([{ type: "FailureTarget", reason: "DeadlineExceeded" }]);
    const over = planJob(facts(newJob({}, late.status), { now: now + 6_000 }));
    expect(over.status.conditions?.map(({ type }) => type)).toEqual(["FailureTarget", "Failed"]);
  });

  test("a suspended job runs nothing, and its time does not run either", () => {
    const plan = planJob(facts(newJob({ suspend: true, completions: 2 }), { pods: running(2) }));
    expect(plan).toMatchObject({ create: 0, remove: [{}, {}] });
    expect(plan.status.startTime).toBeUndefined();
    const resumed = planJob(facts(newJob({ completions: 2 }, plan.status)));
    expect(resumed.create).toBe(1);
    expect(resumed.status.conditions).toMatchObject([
      { type: "Suspended", status: "False", reason: "JobResumed" },
    ]);
  });

  test("never runs more pods than wanted, whatever was there; a finished job is left alone", () => {
    const anyJob = fc.record({
      parallelism: fc.integer({ min: 0, max: 5 }),
      completions: fc.option(fc.integer({ min: 1, max: 5 }), { nil: undefined }),
      backoffLimit: fc.integer({ min: 0, max: 3 }),
    });
    const counts = fc.tuple(fc.nat({ max: 7 }), fc.nat({ max: 6 }), fc.nat({ max: 5 }));
    fc.assert(
      fc.property(anyJob, counts, ({ completions, ...spec }, [active, succeeded, failed]) => {
        const job = newJob({ ...spec, ...(completions !== undefined && { completions }) });
        const plan = planJob(facts(job, { pods: running(active), succeeded, failed }));
        const left = active - plan.remove.length + plan.create;
        expect(left).toBeLessThanOrEqual(spec.parallelism);
        if (completions !== undefined) expect(left).toBeLessThanOrEqual(Math.max(0, completions - succeeded));
        if (failed > spec.backoffLimit) expect(left === 0 || succeeded > 0).toBe(true);
        const after = newJob(spec, plan.status);
        if (isFinished(after))
          expect(planJob(facts(after, { pods: running(1) }))).toMatchObject({ create: 0, remove: [] });
      }),
    );
  });
});
