import { mkdir, readFile, writeFile } from "node:fs/promises";
import { z } from "zod";
import { failures } from "../model/failures.ts";
import { PackageFile } from "../model/package/package-file.ts";
import { RunDocument } from "../model/run-document.ts";

/**
 * Writes what the documentation takes from the code. With `--check`, writes nothing and fails when a file is not
 * up to date.
 */
const files: Readonly<Record<string, string>> = {
  "docs/failures.md": toFailureTable(),
  "docs/package.schema.json": toSchema(PackageFile),
  "docs/run.schema.json": toSchema(RunDocument),
};

const stale: string[] = [];
for (const [path, content] of Object.entries(files)) {
  const now = await readFile(path, "utf8").catch(() => "");
  if (now !== content) stale.push(path);
}
if (process.argv.includes("--check")) {
  if (stale.length > 0) {
    process.stderr.write(`Not up to date: ${stale.join(", ")}. Run: npm run generate\n`);
    process.exitCode = 1;
  }
} else {
  await mkdir("docs", { recursive: true });
  for (const path of stale) await writeFile(path, files[path] ?? "");
}

function toSchema(type: z.ZodType): string {
  return `${JSON.stringify(z.toJSONSchema(type, { io: "input" }), undefined, 2)}\n`;
}

function toFailureTable(): string {
  const rows = Object.entries(failures).map(
    ([code, { status, fault, retry, help }]) =>
      `| ${code} | ${status} | ${fault} | ${retry ? "yes" : "no"} | ${help} |`,
  );
  return [
    "# Failures",
    "",
    "Every code sqlfleet answers or records, made from `model/failures.ts` by `npm run generate`.",
    "",
    'Over HTTP: `{"error":{"code","message","help","details?"}}` with the status below; `details` lists everything that',
    "is wrong when it is more than one thing, with line numbers where there are lines. A key that is missing or wrong is",
    "refused by the Functions host before sqlfleet sees the call: 401 with an empty body.",
    "",
    "*fault* says who can mend it; *retry* whether the same call or attempt may work later without a change.",
    "",
    "| code | status | fault | retry | what to do |",
    "|---|---|---|---|---|",
    ...rows,
    "",
  ].join("\n");
}
