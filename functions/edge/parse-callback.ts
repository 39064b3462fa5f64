import type { HttpRequest } from "@azure/functions";
import { CallbackAddress, isCallbackAllowed } from "../../model/callback.ts";
import { Failure } from "../../model/failures.ts";

export interface AskedCallback {
  readonly address: CallbackAddress;
  /** The job's own; a secret. */
  readonly token: string;
}

/**
 * Where a server job waits, from the headers the task InvokeRESTAPI@1 sends by default. It sends them also when it
 * does not wait: so the run document has to ask.
 * @throws CallbackInvalid, CallbackNotAllowed
 */
export function parseCallback(request: HttpRequest, allowList: readonly string[]): AskedCallback {
  const header = (name: string): string | undefined => request.headers.get(name) ?? undefined;
  const address = CallbackAddress.safeParse({
    planUrl: header("PlanUrl"),
    projectId: header("ProjectId"),
    hubName: header("HubName"),
    planId: header("PlanId"),
    jobId: header("JobId"),
    timelineId: header("TimelineId"),
    taskInstanceId: header("TaskInstanceId"),
  });
  if (!address.success) {
    const [issue] = address.error.issues;
    const name = String(issue?.path[0] ?? "");
    throw new Failure(
      "CallbackInvalid",
      `Header ${name.replace(/^./, (c) => c.toUpperCase())} is missing or wrong.`,
    );
  }
  const { planUrl } = address.data;
  if (!isCallbackAllowed(planUrl, allowList)) {
    throw new Failure("CallbackNotAllowed", `PlanUrl '${planUrl}' is outside the allow-list.`);
  }
  return { address: address.data, token: parseToken(header("AuthToken")) };
}

/** Printable, and short enough for the Key Vault. Never quoted. */
function parseToken(token: string | undefined): string {
  if (token !== undefined && /^[\x21-\x7e]{1,24000}$/.test(token)) return token;
  throw new Failure("CallbackInvalid", "Header AuthToken is missing, or no token.");
}
