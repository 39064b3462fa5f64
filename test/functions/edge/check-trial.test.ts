import { expect, test } from "vitest";
import { checkTrial } from "../../../functions/edge/check-trial.ts";
import { Failure } from "../../../model/failures.ts";
import { toLooseScript } from "../../../model/package/loose-script.ts";
import { toPackageContent } from "../../../model/package/to-package-content.ts";

const check = (...texts: readonly string[]): void => {
  const scripts = texts.map((text, index) => toLooseScript(`${index + 1}.sql`, text));
  checkTrial(toPackageContent("zip", scripts));
};

test("a trial of a package that rolls back may start", () => {
  expect(() => {
    check("SELECT 1", "CREATE TABLE dbo.T (Id int)");
  }).not.toThrow();
});

test("a trial of what cannot be rolled back is refused, each place by script and line", () => {
  let refused: unknown;
  try {
    check("SELECT 1\nGO\nCOMMIT", "-- first\nALTER DATABASE CURRENT SET READ_COMMITTED_SNAPSHOT ON");
  } catch (error) {
    refused = error;
  }
  expect(refused).toBeInstanceOf(Failure);
  expect(refused).toMatchObject({
    code: "TrialCannotRollBack",
    status: 400,
    message: "Script '1.sql' line 3: COMMIT; it would end the trial's transaction.",
    details: [
      { line: 3 },
      { line: 2, message: expect.stringMatching(/'2\.sql' line 2: ALTER DATABASE; SQL Server does not run/) },
    ],
  });
});

test("a large package is not answered with a large refusal", () => {
  expect(() => {
    check("COMMIT\n".repeat(500));
  }).toThrow(expect.objectContaining({ details: expect.objectContaining({ length: 20 }) }));
});
