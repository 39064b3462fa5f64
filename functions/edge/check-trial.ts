import { Failure, type FailureDetail } from "../../model/failures.ts";
import { findUnrollable, type Unrollable } from "../../model/package/find-unrollable.ts";
import type { PackageContent } from "../../model/package/manifest.ts";

const mostDetails = 20;

/** A trial promises that nothing stays: what could not be taken back is refused. @throws TrialCannotRollBack */
export function checkTrial({ manifest, texts }: PackageContent): void {
  const details = manifest.scripts.flatMap((script, index) =>
    findUnrollable(script, texts[index] ?? "").map((found) => toDetail(script.fileName, found)),
  );
  const [first] = details;
  if (first === undefined) return;
  throw new Failure("TrialCannotRollBack", first.message, { details: details.slice(0, mostDetails) });
}

function toDetail(fileName: string, { statement, line, why }: Unrollable): FailureDetail {
  const reason =
    why === "refused"
      ? "SQL Server does not run it in a transaction"
      : "it would end the trial's transaction";
  return {
    code: "TrialCannotRollBack",
    message: `Script '${fileName}' line ${line}: ${statement}; ${reason}.`,
    line,
  };
}
