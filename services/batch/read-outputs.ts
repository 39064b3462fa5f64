import { Readable } from "node:stream";
import type { BatchServiceClient } from "@azure/batch";
import type { WorkerOutput } from "../services.ts";
import { statusOf, toReason } from "./batch-errors.ts";
import { listTasks, type Task } from "./list-tasks.ts";

/**
 * What each task of the job wrote, as far as its node still has it, and, as its log, what Batch itself says of one
 * that failed: of a task that never ran that is all there is.
 */
export async function* readOutputs(client: BatchServiceClient, jobId: string): AsyncGenerator<WorkerOutput> {
  for (const task of (await listTasks(client, jobId)) ?? []) {
    const { id: worker = "", executionInfo } = task;
    const { failureInfo } = executionInfo ?? {};
    if (failureInfo) {
      const reason = toReason({ ...failureInfo, values: failureInfo.details ?? [] });
      yield { worker, name: "log", content: Readable.from([`${reason}\n`]) };
    }
    if (!hasRun(task)) continue;
    for (const name of ["stdout", "stderr"] as const) {
      const content = await openFile(client, [jobId, worker, `${name}.txt`]);
      if (content) yield { worker, name, content };
    }
  }
}

/** Batch gives a task a start time when it tries to start it; one that ran has an exit code, or was ended. */
function hasRun({ state, executionInfo: { exitCode, failureInfo } = noExecution }: Task): boolean {
  return state === "running" || exitCode !== undefined || failureInfo?.code === "TaskEnded";
}

const noExecution: NonNullable<Task["executionInfo"]> = { retryCount: 0, requeueCount: 0 };

/** undefined when the node that had the file is gone or broken, or the task has not made it yet. */
async function openFile(
  client: BatchServiceClient,
  place: readonly [job: string, task: string, file: string],
): Promise<Readable | undefined> {
  try {
    const { readableStreamBody: body } = await client.file.getFromTask(...place);
    return body && (body instanceof Readable ? body : new Readable().wrap(body));
  } catch (error) {
    // The library does not read the code out of a refusal it would have streamed.
    if ([404, 409].includes(statusOf(error) ?? 0)) return undefined;
    throw error;
  }
}
