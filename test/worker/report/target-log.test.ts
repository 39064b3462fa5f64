import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { RunId } from "../../../model/ids.ts";
import { runFile } from "../../../model/run-files.ts";
import { createTargetLog, type TargetLog } from "../../../worker/report/target-log.ts";
import { type FilesUnderTest, startFilesUnderTest } from "../support/files-under-test.ts";

let blob: FilesUnderTest;
beforeAll(async () => {
  blob = await startFilesUnderTest();
});
afterAll(() => blob.stop());

const runId = RunId.parse("20260101-000000-abcdef");
const header = {
  runId,
  targetId: "000001",
  packageName: "release-42",
  packageHash: "0".repeat(64),
  server: "srv",
  workerId: "w1",
  round: 1,
  delivery: 1,
};
let databases = 0;

interface Opened {
  readonly log: TargetLog;
  readonly path: string;
  readonly read: () => Promise<string | undefined>;
}

/** The log of a database of its own. */
function open(more: Partial<Parameters<typeof createTargetLog>[0]> = {}, database = newDatabase()): Opened {
  const path = runFile.log(runId, "srv", database);
  const log = createTargetLog({
    files: blob.files,
    header: { ...header, database },
    keepEarlier: false,
    redact: (line) => line,
    ...more,
  });
  return { log, path, read: () => blob.readText("runs", path) };
}

const newDatabase = (): string => `db${(databases += 1)}`;

/** Bytes of objects that are in use, not of those the collector has yet to find. */
function measureMemory(): number {
  setFlagsFromString("--expose-gc");
  (runInNewContext("gc") as () => void)();
  return process.memoryUsage().heapUsed;
}

describe("createTargetLog", () => {
  it("says what was run where, with results and messages", async () => {
    const { log, read } = open();
    log.note("Script 1 a.sql");
    log.results.columns(["Id", ""]);
    log.results.row([1, null]);
    log.results.rowsAffected(1);
    log.results.message("hello");
    await log.upload();
    const content = await read();
    expect(content).toContain("target 000001");
    expect(content).toContain("Id\t(no name)\n    1\tNULL\n    (1 rows)\n    hello");
  });

  it("cuts a result set after 100 rows and says how many there were", async () => {
    const { log, read } = open();
    log.results.columns(["n"]);
    for (let n = 0; n < 150; n += 1) log.results.row([`row-${n}`]);
    log.results.rowsAffected(150);
    await log.upload();
    const content = await read();
    expect(content).toContain("row-99");
    expect(content).not.toContain("row-100");
    expect(content).toContain("… 50 more rows");
  });

  it("keeps memory flat however much is printed, cuts it, and still has the ending", async () => {
    // A folder of its own: other workers spill as well.
    const folder = mkdtempSync(join(tmpdir(), "spill-"));
    vi.stubEnv("TMPDIR", folder);
    const { log, path } = open();
    const before = measureMemory();
    const length = 8_000;
    // Each line a new text: of one and the same, a log that kept them all would hold one.
    for (let bytes = 0; bytes < 100_000_000; bytes += length) {
      log.results.message(Buffer.alloc(length, "x").toString("latin1"));
    }
    expect(measureMemory() - before).toBeLessThan(5_000_000);
    log.note("Ended: committed");
    await log.upload();
    log.discard();
    const file = await blob.files.open("runs", path);
    expect(file?.bytes).toBeGreaterThan(50_000_000);
    expect(file?.bytes).toBeLessThan(55_000_000);
    expect((await text(file!.content)).slice(-200)).toContain("Ended: committed");
    expect(readdirSync(folder)).toEqual([]);
    vi.unstubAllEnvs();
    rmSync(folder, { recursive: true });
  });

  it("keeps what an earlier delivery wrote", async () => {
    const database = newDatabase();
    const earlier = open({}, database);
    earlier.log.note("first worker's words");
    await earlier.log.upload();
    const { log, read } = open({ keepEarlier: true, header: { ...header, database, delivery: 2 } }, database);
    log.note("second");
    await log.upload();
    expect(await read()).toMatch(/delivery 1[^]*first worker's words\n[^]*delivery 2[^]*second/);
  });

  it("does not write what must not be read", async () => {
    const { log, read } = open({ redact: (line) => line.replaceAll("secret", "***") });
    log.note("Login failed for user 'secret'.");
    await log.upload();
    expect(await read()).toContain("Login failed for user '***'.");
  });
});
