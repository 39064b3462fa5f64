import { createHash } from "node:crypto";
import type { ScriptKind, ScriptManifest } from "./manifest.ts";

/** What of a script decides what happens to a database. */
export type HashedScript = Omit<ScriptManifest, "order" | "sha256" | "legacySha1" | "batches" | "bytes"> & {
  readonly text: string;
};

/**
 * Identity of a package: SHA-256, lower-case hex, of the UTF-8 bytes of
 * `JSON.stringify(["sqlfleet-package-1", script, …])`, each script in the order it runs as the array
 * `[scriptId, fileName, database, description, tag, rollBackOnError, causesBuildFailure, stripTransactionText,
 * kind, timeoutSeconds, text]`, where kind is `true` for always, `false` for run-once (sbm's AllowMultipleRuns) and
 * `"on-change"`. So neither re-packing the zip, nor the order of XML attributes, nor the
 * text's encoding in the file, nor renumbering a BuildOrder that keeps the order, makes another package.
 */
export function toPackageSha256(scripts: readonly HashedScript[]): string {
  const canonical = scripts.map((script) => [
    script.scriptId,
    script.fileName,
    script.database,
    script.description,
    script.tag,
    script.rollBackOnError,
    script.causesBuildFailure,
    script.stripTransactionText,
    hashedKinds[script.kind],
    script.timeoutSeconds,
    script.text,
  ]);
  return sha256(JSON.stringify(["sqlfleet-package-1", ...canonical]));
}

const hashedKinds: Readonly<Record<ScriptKind, boolean | string>> = {
  always: true,
  "run-once": false,
  "on-change": "on-change",
};

/** SHA-256 of a text in UTF-8, lower-case hex. */
export const sha256 = (text: string): string => createHash("sha256").update(text, "utf8").digest("hex");
