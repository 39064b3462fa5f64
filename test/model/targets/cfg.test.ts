import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Result } from "../../../model/result.ts";
import { formatCfg } from "../../../model/targets/format-cfg.ts";
import { parseCfg } from "../../../model/targets/parse-cfg.ts";
import { parseTargets } from "../../../model/targets/parse-targets.ts";
import type { TargetLine } from "../../../model/targets/target-line.ts";

const fixture = (name: string): string =>
  readFileSync(new URL(`../../fixtures/sbm/${name}`, import.meta.url), "utf8");

const valueOf = <T>(result: Result<T>): T => {
  if (!result.ok) throw new Error(JSON.stringify(result.failures));
  return result.value;
};

const failuresOf = (result: Result<unknown>): readonly (readonly [string, number | undefined])[] =>
  result.ok ? [] : result.failures.map(({ code, line }) => [code, line]);

const only = (text: string): TargetLine => valueOf(parseCfg(text))[0]!;

describe("parseCfg", () => {
  it("reads the sample with a byte-order mark and instances", () => {
    const targets = valueOf(parseCfg(fixture("dbconfig-10.cfg")));
    expect(targets).toHaveLength(10);
    expect(targets[9]).toEqual({
      server: String.raw`(local)\SQLEXPRESS`,
      databases: [{ default: "SqlBuildTest", override: "SqlBuildTest9" }],
      line: 10,
    });
  });

  it("reads the sample with two databases on a line", () => {
    const targets = valueOf(parseCfg(fixture("dbconfig-doubledb.cfg")));
    expect(targets.map((target) => target.databases.map((pair) => pair.override))).toEqual([
      ["SqlBuildTest1", "SqlBuildTest2"],
      ["SqlBuildTest3", "SqlBuildTest4"],
      ["SqlBuildTest5", "SqlBuildTest6"],
      ["SqlBuildTest7", "SqlBuildTest8"],
      ["SqlBuildTest9", "SqlBuildTest10"],
    ]);
  });

  it.each([
    ["host:5433:client,db1", "host:5433"],
    ["tcp:host,1433:client,db1", "tcp:host,1433"],
    ["localhost,1433:client,db1", "localhost,1433"],
    [String.raw`srv\inst : client , db1 `, String.raw`srv\inst`],
    ["srv:'client','db1'", "srv"],
  ])("takes everything before the last colon of '%s' as the server", (line, server) => {
    expect(only(line)).toEqual({ server, databases: [{ default: "client", override: "db1" }], line: 1 });
  });

  it("takes a missing default as any", () => {
    expect(only("srv:db1")).toEqual({
      server: "srv",
      databases: [{ default: "", override: "db1" }],
      line: 1,
    });
  });

  it("reads tags", () => {
    expect(only("srv:client,db1 # eu west ").tag).toBe("eu west");
    expect(only("srv:client,db1#")).not.toHaveProperty("tag");
  });

  it("counts lines of every kind, and passes over blank and comment lines", () => {
    const text = "\uFEFF-- fleet\r\n\r\n  // more\rsrv:a,b\n\nsrv:a,c";
    expect(valueOf(parseCfg(text)).map((target) => target.line)).toEqual([4, 6]);
  });

  it.each([
    ["srv", "TargetColonMissing"],
    ["tcp:host,1433", "TargetColonMissing"],
    [":client,db", "TargetServerMissing"],
    ["srv:client,", "TargetDatabaseMissing"],
    ["srv:", "TargetDatabaseMissing"],
    ["srv:client,db1;", "TargetDatabaseMissing"],
    ["srv:client,db1,db2", "TargetNameInvalid"],
    ["srv:client,db1;x:client2,db2", "TargetNameInvalid"],
    [`srv:client,${"d".repeat(129)}`, "TargetNameInvalid"],
    ["srv:client,db1;CLIENT,db2", "TargetDefaultRepeated"],
  ])("refuses '%s' with its line", (line, code) => {
    expect(failuresOf(parseCfg(`ok:a,b\n${line}`))).toEqual([[code, 2]]);
  });

  it("refuses a target that was there before, whatever its case, order and defaults", () => {
    const result = parseCfg("SRV:a,DB1;b,db2\nother:a,db1\nsrv:b,db2;a,db1#tag\nsrv:a,db1");
    expect(failuresOf(result)).toEqual([["DuplicateTarget", 3]]);
    expect(result).toMatchObject({
      failures: [{ message: "Server 'srv' with 'db2', 'db1' is already target 1." }],
    });
  });

  it("reports every mistake up to 20", () => {
    expect(failuresOf(parseCfg("a\nb\nsrv:x,y\nc"))).toHaveLength(3);
    expect(failuresOf(parseCfg("bad\n".repeat(1_000)))).toHaveLength(20);
  });

  it.each(["", "\n\n", "-- nothing"])("refuses %j: there is no target", (text) => {
    expect(failuresOf(parseCfg(text))).toEqual([["NoTargets", undefined]]);
  });

  it("reads 100,000 lines in well under a second", () => {
    const lines = Array.from(
      { length: 100_000 },
      (_, n) => `srv${n % 50}.example.net:client,db${n}#t${n % 7}`,
    );
    const text = lines.join("\r\n");
    // Processor time: other tests share the machine.
    const start = process.cpuUsage();
    expect(valueOf(parseCfg(text))).toHaveLength(100_000);
    expect(process.cpuUsage(start).user / 1_000).toBeLessThan(1_000);
  });
});

const nameOf = (characters: string): fc.Arbitrary<string> =>
  fc
    .string({ minLength: 1, maxLength: 12, unit: fc.constantFrom(...Array.from(characters)) })
    .filter((name) => name.trim() === name && !/^'.*'$/.test(name) && !/^(?:--|\/\/)/.test(name));

const databaseName = nameOf("abcXYZ019_-.' $é漢/\\");
const target = fc.record(
  {
    server: nameOf("abcXYZ019_-.,:()\\").filter((server) => !/^(?:tcp|np|lpc)$/i.test(server)),
    databases: fc.uniqueArray(
      fc.record({ default: fc.oneof(databaseName, fc.constant("")), override: databaseName }),
      { minLength: 1, maxLength: 4, selector: (pair) => pair.default.toLowerCase() },
    ),
    tag: nameOf("abcXYZ:;, 019"),
  },
  { requiredKeys: ["server", "databases"] },
);

describe("formatCfg", () => {
  it("keeps tags and all databases", () => {
    const text = "srv:client,db1;client2,db2#eu\nsrv\\x:db3\n";
    expect(formatCfg(valueOf(parseCfg(text)))).toBe(text);
  });

  it("writes what parseCfg reads back, for every target either parser accepts", () => {
    fc.assert(
      fc.property(fc.array(target, { minLength: 1, maxLength: 8 }), (list) => {
        const accepted = parseTargets(list);
        fc.pre(accepted.ok);
        const again = valueOf(parseCfg(formatCfg(accepted.value)));
        expect(again).toEqual(accepted.value);
      }),
    );
  });
});

describe("parseTargets", () => {
  it("gives the same targets as the same .cfg", () => {
    const list = [
      { server: " srv ", databases: [{ default: "client", override: " db1" }], tag: "eu" },
      { server: "srv", databases: [{ default: "", override: "db2" }], tag: "" },
    ];
    expect(parseTargets(list)).toEqual(parseCfg("srv:client,db1#eu\nsrv:db2"));
  });

  it("refuses what a .cfg refuses, with the place in the list", () => {
    const pair = { default: "client", override: "db1" };
    const list = [
      { server: "srv", databases: [pair] },
      { server: "SRV", databases: [pair] },
      { server: "srv", databases: [] },
      { server: "srv", databases: [{ default: "a", override: "x;y" }] },
      { server: "srv#1", databases: [pair] },
      { server: "srv", databases: [{ default: "a", override: "x\ny" }] },
    ];
    expect(failuresOf(parseTargets(list))).toEqual([
      ["DuplicateTarget", 2],
      ["TargetDatabaseMissing", 3],
      ["TargetNameInvalid", 4],
      ["TargetNameInvalid", 5],
      ["TargetNameInvalid", 6],
    ]);
  });

  it("refuses an empty list", () => {
    expect(failuresOf(parseTargets([]))).toEqual([["NoTargets", undefined]]);
  });
});
