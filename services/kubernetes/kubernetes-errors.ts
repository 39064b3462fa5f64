import { ApiException } from "@kubernetes/client-node";
import { Failure, type FailureCode } from "../../model/failures.ts";

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
 * A manifest the cluster refuses, a quota that is used up and a role that is missing are said as such. Of the rest,
 * what the cluster said, to be retried.
 */
export function toKubernetesFailure(error: unknown): unknown {
  const code = statusOf(error);
  if (code === undefined) return error;
  const { reason = `HTTP ${code}`, message = "" } = readStatus(error);
  return new Failure(toFailureCode(code, message), `Kubernetes: ${reason}: ${message}`, { cause: error });
}

function toFailureCode(status: number, message: string): FailureCode {
  if (message.includes("exceeded quota")) return "KubernetesQuotaExceeded";
  if (/ cannot \w+ resource /.test(message)) return "RoleMissing";
  if (/^admission webhook .* denied the request/.test(message)) return "ManifestRefused";
  return status === 422 || status === 400 ? "ManifestRefused" : "ServiceUnavailable";
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
