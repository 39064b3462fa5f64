import { Failure } from "../../model/failures.ts";
import type { SecretName } from "../../model/secrets.ts";

/** What the vault's client throws. */
interface ThrownByVault {
  readonly statusCode?: number;
  readonly details?: { readonly error?: { readonly innerError?: { readonly code?: string } } };
}

/**
 * Why a secret cannot be had, told apart by the vault's inner codes. A deleted secret reads as a missing one (404);
 * it shows only when its name is written again (409).
 * Source: https://learn.microsoft.com/azure/key-vault/general/common-error-codes
 */
export function toSecretFailure(name: SecretName, cause: unknown): unknown {
  const { statusCode, details } = (cause ?? {}) as ThrownByVault;
  const inner = details?.error?.innerError?.code;
  if (statusCode === 404) return new Failure("SecretMissing", `${name} is not in the Key Vault.`, { cause });
  if (statusCode === 409) return toDeleted(name, cause);
  if (statusCode !== 403) return cause;
  return inner === "SecretDisabled"
    ? new Failure("SecretDisabled", `The newest version of ${name} is disabled.`, { cause })
    : toForbidden(name, inner, cause);
}

export function toDeleted(name: SecretName, cause?: unknown): Failure {
  return new Failure("SecretDeleted", `${name} is deleted, and can be recovered.`, { cause });
}

/** The firewall refuses with the same status; only a missing role may come by waiting. */
function toForbidden(name: SecretName, inner: string | undefined, cause: unknown): Failure {
  const why = inner ? ` (${inner})` : "";
  const wait =
    inner === "ForbiddenByFirewall" ? "" : " A role that was just assigned may still be propagating.";
  return new Failure("SecretForbidden", `The Key Vault refused ${name}${why}.${wait}`, { cause });
}
