import { again, type FailureKind, kind } from "./failure-kind.ts";

/** Part of the catalogue: why a process cannot prove who it is, or is not let in. */
export const accessFailures = {
  SecretDisabled: kind(
    503,
    "operator",
    "Enable the secret's newest version in the Key Vault, or store another.",
  ),
  SecretDeleted: kind(
    503,
    "operator",
    "Recover the deleted secret in the Key Vault, or purge it and store another.",
  ),
  SecretExpired: kind(503, "operator", "Store a new version with PUT /api/secrets, or move the expiry date."),
  IdentityNotConfigured: kind(
    503,
    "operator",
    "Set what the message names; docs/identity.md lists each kind's settings.",
  ),
  IdentityClientIdMissing: kind(
    503,
    "operator",
    "Set AZURE_CLIENT_ID (workers: WORKER_IDENTITY_CLIENT_ID) to the client id of the user-assigned identity.",
  ),
  IdentityUnknown: kind(
    503,
    "operator",
    "AZURE_CLIENT_ID names an identity this host or tenant does not have: assign it, or mend the id.",
  ),
  IdentityRefused: kind(
    503,
    "operator",
    "Entra ID refused the proof; see the AADSTS number, and docs/identity.md for what it wants.",
  ),
  IdentityUnavailable: kind(
    503,
    "operator",
    "Nobody answered where a token is got from: is an identity assigned, is the endpoint reachable, is az logged in?",
    again,
  ),
  RoleRequired: kind(
    403,
    "caller",
    "Have the named app role assigned to you in Entra ID, then sign in again.",
  ),
  RoleMissing: kind(
    503,
    "operator",
    "Grant the identity the role named in docs/identity.md; a new role assignment may take 15 minutes to work.",
    again,
  ),
  TooManyRequests: kind(
    429,
    "caller",
    "Wait for as long as the header Retry-After says; RATE_LIMIT_READS and RATE_LIMIT_ACTIONS set the limits.",
    again,
  ),
  CertificateMissing: kind(503, "operator", "Put sha1-{thumbprint}.pfx and .pfx.pw where the message says."),
  CertificateUnreadable: kind(
    503,
    "operator",
    "Export certificate and RSA key again as PFX: npm run certificate -- create does.",
  ),
  CertificatePasswordWrong: kind(
    503,
    "operator",
    "The .pfx.pw file holds another password than the PFX was made with.",
  ),
  CertificateExpired: kind(503, "operator", "Make a new certificate, and register it with the application."),
  CertificateThumbprintMismatch: kind(
    503,
    "operator",
    "The PFX holds another certificate than its name says; install the right one, or mend the thumbprint.",
  ),
} as const satisfies Readonly<Record<string, FailureKind>>;
