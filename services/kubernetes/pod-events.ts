import type { CoreV1Event } from "@kubernetes/client-node";
import type { Clients } from "./connect.ts";

/** Something that is said of a job or a pod, and is no everyday news. The cluster keeps it for an hour. */
export interface PodEvent {
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  /** `Killing`, `FailedMount` */
  readonly reason: string;
  readonly message: string;
}

/** What is said of every pod and job that is well. */
const everyday = ["Scheduled", "Pulling", "Pulled", "Created", "Started"];
const everydayOfJobs = ["SuccessfulCreate", "SuccessfulDelete", "Completed"];

/**
 * What happened to a job and its pods, oldest first. Nothing, as long as all is well: that makes it the cheapest way
 * to learn of pods that were taken away, of which neither the job nor the list of pods keeps a trace.
 */
export async function listEvents(
  { core }: Clients,
  { namespace, jobId }: { readonly namespace: string; readonly jobId: string },
): Promise<readonly PodEvent[]> {
  const fieldSelector = [...everyday, ...everydayOfJobs].map((reason) => `reason!=${reason}`).join(",");
  const { items } = await core.listNamespacedEvent({ namespace, fieldSelector });
  const isOurs = ({ involvedObject: { name = "" } }: CoreV1Event): boolean =>
    name === jobId || name.startsWith(`${jobId}-`);
  return items.filter(isOurs).map(({ involvedObject: { kind = "", name = "", uid = "" }, ...event }) => ({
    ...{ kind, name, uid },
    ...{ reason: event.reason ?? "", message: event.message ?? "" },
  }));
}
