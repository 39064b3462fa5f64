import { again, type FailureKind, kind } from "./failure-kind.ts";

/** Part of the catalogue: a server job of Azure Pipelines that waits for its run. */
export const callbackFailures = {
  CallbackInvalid: kind(
    400,
    "caller",
    "Keep the headers InvokeRESTAPI@1 sends by default (PlanUrl … AuthToken); deploy/pipelines/README.md shows them.",
  ),
  CallbackNotAllowed: kind(
    403,
    "caller",
    "Call from an organization of Azure DevOps, or have its address added to the setting CALLBACK_ALLOW_LIST.",
  ),
  CallbackRefused: kind(
    502,
    "operator",
    "Azure DevOps did not take the job's end: the job ended or timed out before the run did, or its token expired.",
  ),
  CallbackUnanswered: kind(
    503,
    "operator",
    "Azure DevOps did not answer; the run is not affected. End the job by hand, or let it time out.",
    again,
  ),
} as const satisfies Readonly<Record<string, FailureKind>>;
