import { ApiException } from "@kubernetes/client-node";
import { Failure } from "../../model/failures.ts";

/** The `Status` a refused call comes with. https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/status/ */
interface Status {
  readonly reason?: string;
  readonly message?: string;
}

const statusOf = (error: unknown): number | undefined =>
  error instanceof ApiException ? error.code : undefined;

/** The outcome, or undefined when there is no such object. */
export async function unlessMissing<T>(act: () => Promise<T>): Promise<T | undefined> {
  try {
    return await act();
  } catch (error) {
    if (statusOf(error) === 404 && readStatus(error).reason === "NotFound") return undefined;
    throw error;
  }
}

/**
 * A manifest the cluster refuses, and a quota that is used up, are said as such: trying again mends neither. Of
 * the rest, what the cluster said, to be retried.
 */
export function toKubernetesFailure(error: unknown): unknown {
  const code = statusOf(error);
  if (code === undefined) return error;
  const { reason = `HTTP ${code}`, message = "" } = readStatus(error);
  const isFinal = code === 422 || code === 400 || message.includes("exceeded quota");
  return new Failure(isFinal ? "ComputeFailed" : "ServiceUnavailable", `Kubernetes: ${reason}: ${message}`, {
    cause: error,
  });
}

/** The client hands the body over as text when it does not know the answer's type. */
function readStatus(error: unknown): Status {
  const body: unknown = error instanceof ApiException ? error.body : undefined;
  if (typeof body === "object" && body !== null) return body;
  try {
    return JSON.parse(String(body)) as Status;
  } catch {
    return {};
  }
}
