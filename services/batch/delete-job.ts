import type { BatchServiceClient } from "@azure/batch";
import pRetry from "p-retry";
import { unlessCode } from "./batch-errors.ts";

/** How long to wait for the job to be gone, in milliseconds; the service goes on deleting after that. */
const patience = 30_000;

class StillThere extends Error {}

/** Deletes the job and waits for it: a job being deleted still ends its tasks, and their workers still write. */
export async function deleteJob(client: BatchServiceClient, jobId: string): Promise<void> {
  await unlessCode(["JobNotFound", "JobBeingDeleted"], () => client.job.deleteMethod(jobId));
  const look = async (): Promise<void> => {
    const job = await unlessCode(["JobNotFound"], () => client.job.get(jobId));
    if (job) throw new StillThere();
  };
  await pRetry(look, {
    retries: 100,
    minTimeout: 50,
    maxTimeout: 2_000,
    factor: 1.5,
    maxRetryTime: patience,
    shouldRetry: ({ error }) => error instanceof StillThere,
  }).catch((error: unknown) => {
    if (!(error instanceof StillThere)) throw error;
  });
}
