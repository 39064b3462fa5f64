import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import { RunId } from "../../../model/ids.ts";
import { runFile } from "../../../model/run-files.ts";
import { createTargetLog } from "../../../worker/report/target-log.ts";
import { createMemoryFiles } from "../support/memory-files.ts";

const runId = RunId.parse("20260101-000000-abcdef");
const header = {
  runId,
  targetId: "000001",
  packageName: "release-42",
  packageHash: "0".repeat(64),
  server: "srv",
  database: "db",
  workerId: "w1",
  round: 1,
  delivery: 1,
};
const path = runFile.log(runId, "srv", "db");
const open = (files: ReturnType<typeof createMemoryFiles>, more = {}) =>
  createTargetLog({ files, header, keepEarlier: false, redact: (text) => text, ...more });

describe("createTargetLog", () => {
  it("says what was run where, with results and messages", async () => {
    const files = createMemoryFiles();
    const log = open(files);
    log.note("Script 1 a.sql");
    log.results.columns(["Id", ""]);
    log.results.row([1, null]);
    log.results.rowsAffected(1);
    log.results.message("hello");
    await log.upload();
    const text = files.textOf("runs", path)!;
    expect(text).toContain("target 000001");
    expect(text).toContain("Id\t(no name)\n    1\tNULL\n    (1 rows)\n    hello");
  });

  it("cuts a result set after 100 rows and says how many there were", async () => {
    const files = createMemoryFiles();
    const log = open(files);
    log.results.columns(["n"]);
    for (let n = 0; n < 150; n += 1) log.results.row([`row-${n}`]);
    log.results.rowsAffected(150);
    await log.upload();
    const text = files.textOf("runs", path)!;
    expect(text).toContain("row-99");
    expect(text).not.toContain("row-100");
    expect(text).toContain("… 50 more rows");
  });

  it("keeps memory flat however much is printed, cuts it, and still has the ending", async () => {
    // A folder of its own: other workers spill as well.
    const folder = mkdtempSync(join(tmpdir(), "spill-"));
    vi.stubEnv("TMPDIR", folder);
    const files = createMemoryFiles();
    const log = open(files);
    const line = "x".repeat(8_000);
    const before = process.memoryUsage().rss;
    for (let bytes = 0; bytes < 100_000_000; bytes += line.length) log.results.message(line);
    expect(process.memoryUsage().rss - before).toBeLessThan(80_000_000);
    log.note("Ended: committed");
    await log.upload();
    log.discard();
    const content = files.contents.get(`runs/${path}`)!;
    expect(content.length).toBeLessThan(55_000_000);
    expect(content.subarray(-200).toString()).toContain("Ended: committed");
    expect(readdirSync(folder)).toEqual([]);
    vi.unstubAllEnvs();
    rmSync(folder, { recursive: true });
  });

  it("keeps what an earlier delivery wrote", async () => {
    const files = createMemoryFiles();
    await files.write("runs", path, "first worker's words\n");
    const log = open(files, { keepEarlier: true, header: { ...header, delivery: 2 } });
    log.note("second");
    await log.upload();
    expect(files.textOf("runs", path)).toMatch(/^first worker's words\n[^]*delivery 2[^]*second/);
  });

  it("does not write what must not be read", async () => {
    const files = createMemoryFiles();
    const log = open(files, { redact: (text: string) => text.replaceAll("secret", "***") });
    log.note("Login failed for user 'secret'.");
    await log.upload();
    expect(files.textOf("runs", path)).not.toContain("secret");
  });
});
