import { hasCondition, hasEnded } from "../cluster.ts";
import type { Job, Pod, PodFailureRule } from "../objects.ts";

/** https://kubernetes.io/docs/concepts/workloads/controllers/job/#pod-failure-policy */

/** A pod whose failure ends the job. */
export const failsJob = (job: Job, pod: Pod): boolean => ruleFor(job, pod)?.action === "FailJob";

/** A pod whose failure does not count towards the job's limit. */
export const isIgnored = (job: Job, pod: Pod): boolean => ruleFor(job, pod)?.action === "Ignore";

function ruleFor({ spec }: Job, pod: Pod): PodFailureRule | undefined {
  if (!hasEnded(pod) || pod.status.phase !== "Failed") return undefined;
  return spec.podFailurePolicy?.rules.find((rule) => matches(rule, pod));
}

function matches({ onPodConditions, onExitCodes }: PodFailureRule, { status }: Pod): boolean {
  if (onPodConditions) return onPodConditions.some(({ type }) => hasCondition(status.conditions, type));
  const exitCode = status.containerStatuses?.[0]?.state.terminated?.exitCode ?? 0;
  if (!onExitCodes || exitCode === 0) return false;
  return onExitCodes.values.includes(exitCode) === (onExitCodes.operator === "In");
}
