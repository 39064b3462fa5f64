import { z } from "zod";

const shared = {
  /** The same in both lines of one action: the invocation's id. */
  id: z.string(),
  at: z.iso.datetime(),
  /** A person or application of Entra ID, or which key was shown, by its fingerprint. */
  who: z.string(),
  /** Address of the caller, as the platform's front end saw it; absent where there is none. */
  from: z.string().optional(),
  /** The function: `startRun`, `cancelRun`, … */
  action: z.string(),
  /** Method and path, without the query: a key may be in it. */
  call: z.string(),
};

/**
 * One line of the audit: an operator's action is written down before it begins ("asked") and when it is answered.
 * An "asked" without "answered" broke off midway. Lines are added, never changed.
 */
export const AuditEntry = z.discriminatedUnion("phase", [
  z.object({ phase: z.literal("asked"), ...shared }),
  z.object({ phase: z.literal("answered"), ...shared, status: z.int(), code: z.string().optional() }),
]);
export type AuditEntry = z.infer<typeof AuditEntry>;
