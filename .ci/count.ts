import { readFileSync } from "node:fs";
import { z } from "zod";

/** Prints vitest's figures as the one line CI reads. */
const Report = z.object({
  numPassedTests: z.int(),
  numFailedTests: z.int(),
  numPendingTests: z.int(),
});

const report = Report.parse(JSON.parse(readFileSync(process.argv[2] ?? "", "utf8")));
const skipped = report.numPendingTests > 0 ? `, ${report.numPendingTests} skipped` : "";
process.stdout.write(`${report.numPassedTests} passed, ${report.numFailedTests} failed${skipped}\n`);
