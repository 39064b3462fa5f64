import type { RunPlan } from "../../model/run-document.ts";
import type { DatabaseJob } from "./attempt.ts";
import { toFault } from "./attempt-fault.ts";
import type { PreparedScript } from "./prepare-package.ts";
import type { CommittedHashes } from "./statements/opening.ts";

/** skipped: the database has it. skippedChanged: it has another text under the script's id. */
type Decision = "run" | "skipped" | "skippedChanged" | "refused";

/** Whether a script runs in a database, from its kind and what the database's log table says. */
export function decideScript(
  { manifest }: Pick<PreparedScript, "manifest">,
  committed: CommittedHashes,
  changedScript: RunPlan["changedScript"],
): Decision {
  const hashes = committed.get(manifest.scriptId) ?? [];
  const isKnown = (hash: string): boolean => hash.toUpperCase() === manifest.legacySha1;
  switch (manifest.kind) {
    case "always":
      return "run";
    case "on-change":
      return isKnown(hashes.at(-1) ?? "") ? "skipped" : "run";
    case "run-once":
      if (hashes.length === 0) return "run";
      // Rows of old have no hash: nothing says that the text was another.
      return hashes.some((hash) => hash === "" || isKnown(hash)) ? "skipped" : changed[changedScript];
  }
}

const changed = { fail: "refused", warn: "skippedChanged", run: "run" } as const satisfies Record<
  RunPlan["changedScript"],
  Decision
>;

/**
 * The scripts that are to run in the database, of those that are left to do; the log says which are not, and why.
 * @throws AttemptFault ScriptChanged, before anything of the package has run
 */
export function selectScripts(
  job: DatabaseJob,
  committed: CommittedHashes,
  left: readonly PreparedScript[],
): readonly PreparedScript[] {
  const decided = left.map((script) => ({
    script,
    decision: decideScript(script, committed, job.changedScript),
  }));
  refuseChanged(
    job,
    decided.flatMap(({ script, decision }) => (decision === "refused" ? [script.manifest.fileName] : [])),
  );
  for (const { script, decision } of decided) {
    if (decision === "run") continue;
    const why =
      decision === "skippedChanged"
        ? "WARNING: run-once and committed before with another text; this text is NOT in the database. Skipped"
        : "committed before, skipped";
    job.log.note(`Script ${script.manifest.order} ${script.manifest.fileName}: ${why}`);
  }
  return decided.flatMap(({ script, decision }) => (decision === "run" ? [script] : []));
}

function refuseChanged(job: DatabaseJob, names: readonly string[]): void {
  const [script] = names;
  if (script === undefined) return;
  throw toFault(
    "ScriptChanged",
    `Run-once and committed before with another text: ${names.join(", ")}. Nothing was run.`,
    { database: job.login.database, script },
    { effect: "untouched" },
  );
}
