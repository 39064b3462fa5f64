import { z } from "zod";

const Sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const LegacySha1 = z.string().regex(/^[0-9A-F]{40}$/);

/**
 * When a script runs in a database that has run it before; the database's own log table says so, by script id.
 * run-once: never again (sbm: AllowMultipleRuns = false) · on-change: when its text is another than the last committed
 * · always: in every run (sbm: AllowMultipleRuns = true).
 */
export const ScriptKind = z.enum(["run-once", "on-change", "always"]);
export type ScriptKind = z.infer<typeof ScriptKind>;

/** One script of a package, without its text. Names follow sbm's XML. */
export const ScriptManifest = z.object({
  /** Place in the package, from 1. */
  order: z.int().min(1),
  /** Last path part for `.sbm`; the whole path with `/` for a zip of `.sql`. */
  fileName: z.string().min(1),
  /** Lower-case GUID: identity for "already run", and the savepoint's name. */
  scriptId: z.guid(),
  /** Default database, mapped by the target's pairs; "" = the target's first. */
  database: z.string(),
  description: z.string(),
  tag: z.string(),
  /** On an error, roll back to this script's savepoint. */
  rollBackOnError: z.boolean(),
  /** On an error, fail and roll back the whole package. */
  causesBuildFailure: z.boolean(),
  /** Remove transaction statements from the text before it runs. */
  stripTransactionText: z.boolean(),
  kind: ScriptKind,
  /** Seconds per batch; 0 = no limit, as in ADO.NET. */
  timeoutSeconds: z.int().min(0),
  /** SHA-256 of the text in UTF-8, lower-case hex. */
  sha256: Sha256,
  /** sbm's hash of the text, upper-case hex. */
  legacySha1: LegacySha1,
  batches: z.int().min(0),
  /** Size of the text in UTF-8. */
  bytes: z.int().min(0),
});
export type ScriptManifest = z.infer<typeof ScriptManifest>;

/** What the API answers about a package. */
export const PackageManifest = z.object({
  /** The name it was stored under, if any. */
  name: z.string().optional(),
  /** Identity of the content: see `toPackageSha256`. */
  sha256: Sha256,
  legacySha1: LegacySha1,
  format: z.enum(["sbm", "zip", "sql"]),
  /** Sum of the scripts' bytes. */
  totalBytes: z.int().min(0),
  /** In the order they run; at least one. */
  scripts: z.array(ScriptManifest).min(1),
});
export type PackageManifest = z.infer<typeof PackageManifest>;

/** The manifest and the texts, in the same order: what a worker reads as one JSON document. */
export const PackageContent = z.object({
  manifest: PackageManifest,
  /** `texts[i]` is the script of `manifest.scripts[i]`, decoded, line breaks as in the file, no byte-order mark. */
  texts: z.array(z.string()).min(1),
});
export type PackageContent = z.infer<typeof PackageContent>;
