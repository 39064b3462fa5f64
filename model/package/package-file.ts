import { z } from "zod";
import { toLooseScript } from "./loose-script.ts";
import { ScriptKind } from "./manifest.ts";
import type { HashedScript } from "./package-hash.ts";

/** What a package may say of a script, or of all its scripts; named as in sbm's XML. */
const ScriptFacts = z.strictObject({
  database: z
    .string()
    .optional()
    .describe("Default database, mapped by each target's pairs; empty or absent: the target's first."),
  tag: z.string().optional().describe("Goes into the log table."),
  rollBackOnError: z
    .boolean()
    .optional()
    .describe("On an error, undo the script to its savepoint. Absent: true. Matters where it may fail."),
  causesBuildFailure: z
    .boolean()
    .optional()
    .describe("On an error, fail and roll back the whole package; false: the script may fail. Absent: true."),
  stripTransactionText: z
    .boolean()
    .optional()
    .describe("Remove BEGIN, COMMIT, ROLLBACK and SAVE TRANSACTION from the text. Absent: false."),
  kind: ScriptKind.optional().describe(
    "run-once: never again where it was committed; on-change: when its text differs from the last committed; " +
      "always: in every run. Absent: by folder, else run-once.",
  ),
  timeoutSeconds: z.int().min(0).max(999_999_999).optional().describe("Per batch; 0: no limit. Absent: 500."),
});
type ScriptFacts = z.infer<typeof ScriptFacts>;

const ListedScript = ScriptFacts.extend({
  file: z.string().min(1).describe("Path of the script, relative to this file, with forward slashes."),
  scriptId: z
    .guid()
    .transform((text) => text.toLowerCase())
    .optional()
    .describe("Identity for 'already run'. Absent: made from the path; name it to rename a file."),
  description: z.string().optional(),
});
export type ListedScript = z.infer<typeof ListedScript>;

/** `package.yaml`: what sbm's XML says, for a zip of loose scripts. Published as docs/package.schema.json. */
export const PackageFile = z
  .strictObject({
    version: z.literal(1).optional().describe("Of this format."),
    defaults: ScriptFacts.optional().describe("Holds for every script that does not say otherwise."),
    scripts: z.array(ListedScript).min(1).describe("The package's scripts, in the order they run."),
  })
  .describe("Describes the loose scripts of a package.");
export type PackageFile = z.infer<typeof PackageFile>;

/**
 * A listed script as the package has it: what it says itself, else what the file's defaults say, else what a loose
 * script is.
 *
 * @param folderKind its kind where neither says one
 */
export function toListedScript(
  { file, scriptId, description = "", ...own }: ListedScript,
  defaults: ScriptFacts,
  { text, folderKind }: { readonly text: string; readonly folderKind: ScriptKind },
): HashedScript {
  const loose = toLooseScript(file, text, folderKind);
  return {
    ...loose,
    ...withoutAbsent(defaults),
    ...withoutAbsent(own),
    description,
    scriptId: scriptId ?? loose.scriptId,
  };
}

type Said<Facts> = { [Name in keyof Facts]?: Exclude<Facts[Name], undefined> };

function withoutAbsent<Facts extends object>(facts: Facts): Said<Facts> {
  return Object.fromEntries(Object.entries(facts).filter(([, fact]) => fact !== undefined)) as Said<Facts>;
}
