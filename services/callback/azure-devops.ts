import type { CallbackAddress } from "../../model/callback.ts";
import { Failure } from "../../model/failures.ts";

/** Milliseconds for one answer. */
const patience = 15_000;

/**
 * Says that the waiting task is done. Source:
 * https://learn.microsoft.com/azure/devops/pipelines/tasks/reference/azure-function-v1#remarks
 * @throws CallbackRefused, CallbackUnanswered
 */
export async function postTaskCompleted(
  address: CallbackAddress,
  token: string,
  result: "succeeded" | "failed",
): Promise<void> {
  const { taskInstanceId: taskId, jobId } = address;
  const url = `${toPlan(address)}/events?api-version=2.0-preview.1`;
  await post(url, token, { name: "TaskCompleted", taskId, jobId, result });
}

/** Adds a line to the job's live log, which is for those who watch: it is not kept with the job. */
export async function postLogLine(address: CallbackAddress, token: string, line: string): Promise<void> {
  const { timelineId, jobId } = address;
  if (timelineId === undefined) return;
  const url = `${toPlan(address)}/timelines/${timelineId}/records/${jobId}/feed?api-version=4.1`;
  await post(url, token, { value: [line], count: 1 });
}

function toPlan({ planUrl, projectId, hubName, planId }: CallbackAddress): string {
  const base = planUrl.endsWith("/") ? planUrl : `${planUrl}/`;
  return `${base}${projectId}/_apis/distributedtask/hubs/${hubName}/plans/${planId}`;
}

async function post(url: string, token: string, body: unknown): Promise<void> {
  const { status } = await request(url, token, body);
  if (status === 200 || status === 201 || status === 204) return;
  const code = status === 429 || status >= 500 ? "CallbackUnanswered" : "CallbackRefused";
  throw new Failure(code, `Azure DevOps answered ${status}${hints[status] ?? ""}.`);
}

/** Azure DevOps answers an expired or wrong token with a page to sign in at, or the way there. */
const hints: Readonly<Record<number, string>> = {
  203: " (sign in: the job's token is not valid any more)",
  302: " (sign in: the job's token is not valid any more)",
  401: " (the job's token is not valid any more)",
  404: " (there is no such plan: the pipeline's run ended)",
};

/** A redirect is not followed: it could lead the token anywhere. */
async function request(url: string, token: string, body: unknown): Promise<{ readonly status: number }> {
  try {
    const response = await fetch(url, {
      method: "POST",
      redirect: "manual",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(patience),
    });
    await response.body?.cancel();
    return response;
  } catch (error) {
    throw new Failure("CallbackUnanswered", `Azure DevOps cannot be reached: ${toReason(error)}`);
  }
}

/** fetch says "fetch failed" and keeps what happened as the cause. */
function toReason(error: unknown): string {
  const { cause, message } = (error ?? {}) as { readonly cause?: unknown; readonly message?: string };
  const { code } = (cause ?? {}) as { readonly code?: string };
  return code ?? message ?? String(error);
}
