import pRetry from "p-retry";
import { Failure, type FailureCode } from "../model/failures.ts";

export interface Patience {
  /** Milliseconds a role that was just assigned may take to work. Azure: up to 15 minutes. */
  readonly forRoles: number;
  /** Told before each further try. */
  readonly onWait?: (failure: Failure, milliseconds: number) => void;
}

/** Milliseconds a service, a network or an identity endpoint may take to be there. */
const forServices = 60_000;

const roles: readonly FailureCode[] = ["SecretForbidden", "RoleMissing"];
const services: readonly FailureCode[] = ["ServiceUnavailable", "IdentityUnavailable"];

/**
 * Tries again while a failure may pass by itself: for workers, whose node may be faster than its role assignment.
 * An HTTP call does not wait: it answers 503 with Retry-After.
 * @throws the last failure, when its time is over
 */
export function patiently<T>(act: () => Promise<T>, { forRoles, onWait }: Patience): Promise<T> {
  const begun = Date.now();
  return pRetry(act, {
    retries: Infinity,
    minTimeout: 1_000,
    maxTimeout: 20_000,
    factor: 2,
    randomize: true,
    shouldRetry: ({ error }) => {
      const left = begun + toPatience(error, forRoles) - Date.now();
      if (left > 0 && error instanceof Failure) onWait?.(error, left);
      return left > 0;
    },
  });
}

function toPatience(error: unknown, forRoles: number): number {
  if (!(error instanceof Failure)) return 0;
  if (roles.includes(error.code)) return forRoles;
  return services.includes(error.code) ? forServices : 0;
}
