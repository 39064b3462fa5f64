import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { EndedEvent } from "../../model/messages.ts";
import type { PackageContent } from "../../model/package/manifest.ts";
import { toPackageContent } from "../../model/package/to-package-content.ts";
import { readPackage } from "../../services/package-reader/read-package.ts";
import { engineProfile } from "../support/engine-profile.ts";
import type { DatabasePair } from "../../model/package/script-database.ts";
import { startWorkerBench, type WorkerBench } from "./support/worker-bench.ts";

/** sbm's own sample packages, through a whole worker: read, received, applied, recorded. */
let bench: WorkerBench;
const nothing = "SELECT 1 AS One";

beforeAll(async () => {
  bench = await startWorkerBench();
});

afterAll(async () => {
  await bench.stop();
});

interface Worked {
  readonly exitCode: number;
  /** In the order of the targets. */
  readonly records: readonly (EndedEvent | undefined)[];
  readonly readLog: (database: string) => Promise<string>;
}

/** A run of the package over targets made of these pairs, worked off by one worker. */
async function work(
  content: PackageContent,
  targets: readonly (readonly DatabasePair[])[],
  lockDuration = "PT30S",
): Promise<Worked> {
  const { server } = bench.sql;
  const run = await bench.newRun({
    ...{ content, lockDuration },
    targets: targets.map((databases) => ({ server, databases: [...databases] })),
  });
  const exitCode = await run.startWorker();
  return {
    exitCode,
    records: await run.readRecords(),
    readLog: (database) => run.readLog(server, database),
  };
}

async function readFixture(name: string): Promise<PackageContent> {
  const read = await readPackage(await readFile(new URL(`../fixtures/sbm/${name}.sbm`, import.meta.url)));
  if (!read.ok) throw new Error(JSON.stringify(read.failures));
  return read.value;
}

async function loggedIn(database: string): Promise<readonly Record<string, unknown>[]> {
  return bench.sql.query(
    database,
    "SELECT ScriptFileName, ScriptFileHash, TargetDatabase, Tag FROM dbo.SqlBuild_Logging ORDER BY Sequence",
  );
}

describe("packages that sbm wrote", () => {
  it("SimpleSelect.sbm answers its row, and logs the script with sbm's hash", async () => {
    const database = await bench.sql.createDatabase("CREATE TABLE dbo.OnlyTable (Id int);");
    const { exitCode, records, readLog } = await work(await readFixture("SimpleSelect"), [
      [{ default: "SqlBuildTest", override: database }],
    ]);
    expect([exitCode, records[0]?.outcome.state]).toEqual([0, "committed"]);
    expect(await readLog(database)).toContain("TABLE_NAME");
    expect(await loggedIn(database)).toEqual([
      {
        ScriptFileName: "Simple Select.sql",
        ScriptFileHash: "C8EC3C7C74804DA8BCEF8C3A762349045BA7521C",
        TargetDatabase: database,
        Tag: "default",
      },
    ]);
  });

  it("SimpleSelect_DoubleClient.sbm runs each script in the database of its own pair", async () => {
    const [first, second] = [
      await bench.sql.createDatabase(nothing),
      await bench.sql.createDatabase(nothing),
    ];
    const { records, readLog } = await work(await readFixture("SimpleSelect_DoubleClient"), [
      [
        { default: "client", override: first },
        { default: "client2", override: second },
      ],
    ]);
    expect(records[0]?.outcome).toMatchObject({
      state: "committed",
      databases: [
        { name: first, state: "committed" },
        { name: second, state: "committed" },
      ],
    });
    expect(await readLog(first)).toMatch(new RegExp(`^.*\\b${first}\\b`, "m"));
    expect((await loggedIn(first)).map((row) => row["ScriptFileName"])).toEqual(["Select_db1_name.sql"]);
    expect((await loggedIn(second)).map((row) => row["ScriptFileName"])).toEqual(["Select_db2_name.sql"]);
  });

  it("InsertForThreadedTest.sbm inserts one row in each of many databases, and again in the next run", async () => {
    const setup =
      "CREATE TABLE dbo.TransactionTest (Message nvarchar(100), Guid uniqueidentifier, DateTimeStamp datetime);";
    const databases: string[] = [];
    while (databases.length < 6) databases.push(await bench.sql.createDatabase(setup));
    const content = await readFixture("InsertForThreadedTest");
    const targets = databases.map((override) => [{ default: "SqlBuildTest", override }]);
    for (const rows of [1, 2]) {
      const { exitCode } = await work(content, targets);
      expect(exitCode).toBe(0);
      for (const database of databases) {
        const [row] = await bench.sql.query(database, "SELECT COUNT(*) AS N FROM dbo.TransactionTest");
        expect(row).toEqual({ N: rows });
      }
    }
  });

  it("InsertForThreadedTest.sbm is rolled back where the table is missing, and says so", async () => {
    const database = await bench.sql.createDatabase(nothing);
    const { exitCode, records } = await work(await readFixture("InsertForThreadedTest"), [
      [{ default: "SqlBuildTest", override: database }],
    ]);
    expect(exitCode).toBe(1);
    expect(records[0]?.outcome).toMatchObject({
      state: "rolledBack",
      error: { number: engineProfile.numbers.missingTable, script: "Insert Threaded Test.sql", line: 1 },
    });
  });

  it("a package refuses a target that has no database for its scripts", async () => {
    const database = await bench.sql.createDatabase(nothing);
    const { records } = await work(await readFixture("SimpleSelect"), [
      [{ default: "client", override: database }],
    ]);
    expect(records[0]?.outcome).toMatchObject({ state: "failed", error: { code: "ScriptWithoutDatabase" } });
  });
});

describe("long_running.sbm", () => {
  /** Its WAITFOR of 3:31 outlives seven locks of 30 s; here it waits 12 s under a lock of 5 s. */
  async function shortened(): Promise<PackageContent> {
    const { manifest, texts } = await readFixture("long_running");
    return toPackageContent(
      "sbm",
      manifest.scripts.map((script, index) => ({
        ...script,
        text: (texts[index] ?? "").replace("00:03:31", "00:00:12"),
      })),
    );
  }

  it("asks for 500 s, and for one batch", async () => {
    const { manifest, texts } = await readFixture("long_running");
    expect(texts[0]).toContain("WAITFOR DELAY '00:03:31'");
    expect(manifest.scripts).toMatchObject([{ timeoutSeconds: 500, batches: 1 }]);
  });

  it(
    "commits though its message's lock runs out twice: the worker renews it",
    { timeout: 40_000 },
    async () => {
      const database = await bench.sql.createDatabase(nothing);
      const targets = [[{ default: "SqlBuildTest", override: database }]];
      const { exitCode, records, readLog } = await work(await shortened(), targets, "PT5S");
      expect(exitCode).toBe(0);
      expect(records[0]).toMatchObject({
        position: { delivery: 1 },
        outcome: { state: "committed", attempts: 1 },
      });
      expect(await readLog(database)).toMatch(engineProfile.version);
      expect(await loggedIn(database)).toHaveLength(1);
    },
  );
});
