import { jsonResponse, type WebResponse } from "../web-server.ts";

/** Kubernetes' own reasons, each with its HTTP status. apimachinery/pkg/apis/meta/v1/types.go, `StatusReason`. */
const statuses = {
  Unauthorized: 401,
  Forbidden: 403,
  NotFound: 404,
  MethodNotAllowed: 405,
  AlreadyExists: 409,
  Conflict: 409,
  Expired: 410,
  UnsupportedMediaType: 415,
  Invalid: 422,
  BadRequest: 400,
  InternalError: 500,
} as const;

type StatusReason = keyof typeof statuses;

export interface Cause {
  readonly reason: string;
  readonly message: string;
  readonly field: string;
}

/** What an error is about. */
interface Subject {
  readonly name?: string;
  readonly group?: string;
  readonly kind?: string;
  readonly causes?: readonly Cause[];
}

/** A request that is refused; answered as a `Status` object. */
export class KubernetesError extends Error {
  readonly reason: StatusReason;
  readonly subject: Subject;
  constructor(reason: StatusReason, message: string, subject: Subject = {}) {
    super(message);
    this.name = "KubernetesError";
    this.reason = reason;
    this.subject = subject;
  }
}

export const badRequest = (message: string): KubernetesError => new KubernetesError("BadRequest", message);

export const notImitated = (what: string): KubernetesError =>
  badRequest(`${what} is not imitated by the local Kubernetes API server`);

/** `Job.batch "x" is invalid: spec.parallelism: Invalid value: …`, as kubectl prints it. */
export function invalid(
  { kind, group }: { readonly kind: string; readonly group: string },
  name: string,
  causes: readonly Cause[],
): KubernetesError {
  const texts = causes.map(({ field, message }) => `${field}: ${message}`);
  const list = texts.length === 1 ? texts.join("") : `[${texts.join(", ")}]`;
  const title = group === "" ? kind : `${kind}.${group}`;
  return new KubernetesError("Invalid", `${title} "${name}" is invalid: ${list}`, {
    name,
    group,
    kind,
    causes,
  });
}

export function toStatus(error: KubernetesError): Readonly<Record<string, unknown>> {
  const { reason, message, subject } = error;
  return {
    kind: "Status",
    apiVersion: "v1",
    metadata: {},
    status: "Failure",
    message,
    reason,
    details: subject,
    code: statuses[reason],
  };
}

export const toErrorResponse = (error: KubernetesError): WebResponse =>
  jsonResponse(statuses[error.reason], toStatus(error));
