import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";
import { readPackage } from "../../../services/package-reader/read-package.ts";
import { makeZip } from "../../services/package-reader/make-zip.ts";
import { apply } from "../support/apply-task.ts";
import { type SqlUnderTest, startSqlUnderTest } from "../support/sql-under-test.ts";

const examples = fileURLToPath(new URL("../../../examples/", import.meta.url));
let sql: SqlUnderTest;
let tenant: string;

beforeAll(async () => {
  sql = await startSqlUnderTest();
  tenant = await readFile(join(examples, "tenant.sql"), "utf8");
});

afterAll(async () => {
  await sql.stop();
});

/** The scripts of an example, as its zip is read. */
async function scriptsOf(name: string) {
  const folder = join(examples, name);
  const found = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = found.filter((file) => file.isFile()).map((file) => join(file.parentPath, file.name));
  const files = paths.map(async (path) => [path.slice(folder.length + 1), await readFile(path)] as const);
  const read = await readPackage(await makeZip(Object.fromEntries(await Promise.all(files))));
  if (!read.ok) throw new Error(JSON.stringify(read.failures));
  const { manifest, texts } = read.value;
  return manifest.scripts.map((script, index) => ({ ...script, text: texts[index]! }));
}

it("examples/release-42 runs once in a database, whatever run asks", async () => {
  const database = await sql.createDatabase(tenant);
  const scripts = await scriptsOf("release-42");
  const states = [];
  for (let runs = 0; runs < 2; runs += 1) {
    states.push((await apply(sql, { databases: [database], scripts })).outcome.state);
  }
  expect(states).toEqual(["committed", "alreadyApplied"]);
  expect(await sql.query(database, "SELECT Version FROM dbo.Release")).toEqual([{ Version: "42" }]);
});

it("examples/release-43 runs again only what is on-change and changed, or always", async () => {
  const database = await sql.createDatabase(tenant);
  const scripts = await scriptsOf("release-43");
  const changed = scripts.map((script) => ({
    ...script,
    text: script.text.replace("WHERE Note IS NOT NULL", "WHERE Note > ''"),
  }));
  for (const version of [scripts, scripts, changed]) {
    const { outcome } = await apply(sql, { databases: [database], scripts: version });
    expect(outcome).toMatchObject({ state: "committed" });
  }
  const logged = await sql.query(
    database,
    "SELECT ScriptFileName, COUNT(*) AS Times FROM dbo.SqlBuild_Logging GROUP BY ScriptFileName",
  );
  expect(Object.fromEntries(logged.map((row) => [row["ScriptFileName"], row["Times"]]))).toEqual({
    "schema/001-customer-note.sql": 1,
    "schema/002-name-index.sql": 1,
    "programmability/customer-notes.sql": 2,
    "after/release-marker.sql": 3,
  });
  expect(await sql.query(database, "SELECT COUNT(*) AS N FROM dbo.Release")).toEqual([{ N: 3 }]);
});
