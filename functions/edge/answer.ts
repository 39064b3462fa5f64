import type { HttpHandler, HttpRequest, HttpResponseInit, InvocationContext } from "@azure/functions";
import { Failure, toFailure } from "../../model/failures.ts";
import { takeTurn } from "./rate-limit.ts";

/** What a function does with a request; failures are thrown. */
export type Answer = (request: HttpRequest, context: InvocationContext) => Promise<HttpResponseInit>;

/**
 * One HTTP call. A caller who calls too often is told so before anything is read, done or audited. What goes wrong is
 * answered as `{"error":{"code","message","help"}}` with the status of its code, never with a stack. What nobody
 * foresaw is logged whole and answered with the invocation's id only.
 */
export function answer(act: Answer): HttpHandler {
  return async (request, context) => {
    try {
      const seconds = await takeTurn(request, context);
      return seconds === undefined ? await act(request, context) : toWaitResponse(seconds);
    } catch (error) {
      return toErrorResponse(toKnown(error, context));
    }
  };
}

function toWaitResponse(seconds: number): HttpResponseInit {
  const failure = new Failure("TooManyRequests", `Too many calls in a minute; call again in ${seconds} s.`);
  return { ...toErrorResponse(failure), headers: { "retry-after": String(seconds) } };
}

/** Seconds: a role takes minutes to work, a service comes back sooner. */
const retryAfterRole = "60";
const retryAfterService = "5";

function toErrorResponse(failure: Failure): HttpResponseInit {
  const seconds = isAboutRole(failure) ? retryAfterRole : retryAfterService;
  const retryAfter = failure.status === 503 ? { headers: { "retry-after": seconds } } : {};
  return { status: failure.status, jsonBody: { error: failure.toReport() }, ...retryAfter };
}

function isAboutRole({ code }: Failure): boolean {
  return code === "SecretForbidden" || code === "RoleMissing";
}

function toKnown(error: unknown, context: InvocationContext): Failure {
  const failure = toFailure(error);
  if (failure.code !== "InternalError") {
    if (failure.status >= 500) context.warn(`${failure.code}: ${failure.message}`);
    return failure;
  }
  context.error(error);
  return new Failure(
    "InternalError",
    `Something unforeseen happened; it is logged as ${context.invocationId}.`,
  );
}
