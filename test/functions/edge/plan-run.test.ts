import { describe, expect, test } from "vitest";
import {
  checkScriptDatabases,
  parseRunDocument,
  parseRunTargets,
  toRunPlan,
} from "../../../functions/edge/plan-run.ts";
import { Failure, type FailureCode } from "../../../model/failures.ts";
import { PackageContent, type PackageManifest } from "../../../model/package/manifest.ts";
import { RunDocument } from "../../../model/run-document.ts";
import { readPackage } from "../../../services/package-reader/read-package.ts";

const targets = { cfg: "srv1:client,db001" };
const minimal = { package: "release-42", targets };

function refusalOf(act: () => unknown): Failure {
  try {
    act();
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
  throw new Error("It was not refused.");
}

describe("parseRunDocument", () => {
  test("fills in what may be left out", () => {
    expect(parseRunDocument(minimal)).toEqual({
      ...minimal,
      callback: false,
      compute: { kind: "batch", nodes: 3 },
      concurrency: { type: "Count", limit: 10 },
      mode: "commit",
      transaction: "package",
      retry: { attempts: 3 },
      auth: { kind: "Password" },
      connection: { encrypt: "mandatory", trustServerCertificate: false },
      description: "",
    });
  });

  test.each<[code: FailureCode, path: string, document: unknown]>([
    ["InvalidRequest", "the body", undefined],
    ["InvalidRequest", "the body", []],
    ["InvalidRequest", "package", { targets }],
    ["InvalidRequest", "package", { ...minimal, package: "" }],
    ["InvalidRequest", "package.sha256", { ...minimal, package: { sha256: "ABC" } }],
    ["InvalidRequest", "targets", { package: "p" }],
    ["InvalidRequest", "targets", { ...minimal, targets: "srv1:client,db001" }],
    ["InvalidRequest", "targets.list.0.databases", { ...minimal, targets: { list: [{ server: "s" }] } }],
    ["InvalidRequest", "targets.cfg", { ...minimal, targets: { cfg: 5 } }],
    ["InvalidRequest", "the body", { ...minimal, concurency: { limit: 3 } }],
    ["InvalidRequest", "mode", { ...minimal, mode: "dryrun" }],
    ["InvalidRequest", "connection.encrypt", { ...minimal, connection: { encrypt: "optional" } }],
    ["InvalidRequest", "auth.kind", { ...minimal, auth: { kind: "Windows" } }],
    ["InvalidRequest", "compute.kind", { ...minimal, compute: { kind: "lambda" } }],
    ["InvalidRequest", "description", { ...minimal, description: "x".repeat(501) }],
    ["InvalidLimit", "concurrency.limit", { ...minimal, concurrency: { type: "Count", limit: 0 } }],
    ["InvalidLimit", "concurrency.limit", { ...minimal, concurrency: { limit: -1 } }],
    ["InvalidLimit", "concurrency.limit", { ...minimal, concurrency: { limit: 1.5 } }],
    ["InvalidLimit", "compute.nodes", { ...minimal, compute: { kind: "batch", nodes: 0 } }],
    ["InvalidLimit", "compute.pods", { ...minimal, compute: { kind: "kubernetes", pods: 0 } }],
    ["InvalidLimit", "retry.attempts", { ...minimal, retry: { attempts: 0 } }],
    ["InvalidLimit", "scriptTimeoutSeconds", { ...minimal, scriptTimeoutSeconds: 0 }],
  ])("%s at %s", (code, path, document) => {
    const failure = refusalOf(() => parseRunDocument(document));
    expect(failure).toMatchObject({ code, status: 400 });
    expect(failure.message.split(": ")[0]).toBe(path);
    expect(failure.details[0]).toMatchObject({ code, message: failure.message });
  });

  test("says everything that is wrong at once", () => {
    const document = { ...minimal, mode: "x", retry: { attempts: 0 } };
    const { details } = refusalOf(() => parseRunDocument(document));
    expect(details.map(({ code }) => code)).toEqual(["InvalidRequest", "InvalidLimit"]);
  });

  test("a trial goes with one transaction for the package only", () => {
    for (const transaction of ["script", "none"]) {
      const failure = refusalOf(() => parseRunDocument({ ...minimal, mode: "trial", transaction }));
      expect(failure).toMatchObject({ code: "TrialNeedsPackageTransaction", status: 400 });
    }
    expect(parseRunDocument({ ...minimal, mode: "trial" }).mode).toBe("trial");
  });

  test("strict encryption and an unvalidated certificate exclude each other", () => {
    const parse = (connection: object) => parseRunDocument({ ...minimal, connection });
    const failure = refusalOf(() => parse({ encrypt: "strict", trustServerCertificate: true }));
    expect(failure).toMatchObject({ code: "StrictNeedsValidCertificate", status: 400 });
    expect(parse({ encrypt: "strict" }).connection).toEqual({
      encrypt: "strict",
      trustServerCertificate: false,
    });
    expect(parse({ trustServerCertificate: true }).connection.encrypt).toBe("mandatory");
  });
});

describe("parseRunTargets", () => {
  const parse = (cfg: string, more: object = {}, allowList = ["srv*"]) =>
    parseRunTargets(RunDocument.parse({ ...minimal, targets: { cfg }, ...more }), allowList);

  test("numbers the targets in the caller's order, from a cfg and from a list", () => {
    const fromCfg = parse("srv1:client,a;audit,b#eu\n\nsrv2:c");
    expect(fromCfg).toEqual([
      {
        id: "000001",
        server: "srv1",
        databases: [
          { default: "client", override: "a" },
          { default: "audit", override: "b" },
        ],
        tag: "eu",
      },
      { id: "000002", server: "srv2", databases: [{ default: "", override: "c" }] },
    ]);
    const list = fromCfg.map(({ id: _, ...target }) => target);
    expect(parseRunTargets(RunDocument.parse({ ...minimal, targets: { list } }), ["srv*"])).toEqual(fromCfg);
  });

  test.each<[code: FailureCode, line: number | undefined, cfg: string, more?: object]>([
    ["NoTargets", undefined, ""],
    ["NoTargets", undefined, "-- nothing\n\n"],
    ["TargetColonMissing", 2, "srv1:client,a\nsrv2"],
    ["TargetDatabaseMissing", 1, "srv1:"],
    ["TargetServerMissing", 1, ":client,a"],
    ["DuplicateTarget", 3, "srv1:client,a\nsrv1:client,b\nSRV1:client,A"],
    ["ServerNotAllowed", 2, "srv1:client,a\nelsewhere:client,a"],
    ["UntaggedTarget", 2, "srv1:client,a#eu\nsrv2:client,a", { concurrency: { type: "Tag" } }],
    ["UntaggedTarget", 1, "srv1:client,a", { concurrency: { type: "MaxPerTag", limit: 2 } }],
  ])("%s at line %s", (code, line, cfg, more) => {
    const failure = refusalOf(() => parse(cfg, more));
    expect(failure.code).toBe(code);
    expect(failure.details[0]?.line).toBe(line);
    if (line !== undefined) expect(failure.message).toMatch(`Line ${line}: `);
  });

  test("an empty list has no targets", () => {
    const document = RunDocument.parse({ ...minimal, targets: { list: [] } });
    expect(refusalOf(() => parseRunTargets(document, [])).code).toBe("NoTargets");
  });

  test("tags are asked for only where they decide something", () => {
    expect(parse("srv1:client,a", { concurrency: { type: "Server" } })).toHaveLength(1);
  });

  test("a long list of mistakes is cut", () => {
    const cfg = Array.from({ length: 500 }, (_, index) => `elsewhere:client,db${index}`).join("\n");
    expect(refusalOf(() => parse(cfg)).details).toHaveLength(20);
  });

  test("128,000 targets are the most", () => {
    const cfg = Array.from({ length: 128_001 }, (_, index) => `srv1:db${index}`).join("\n");
    expect(refusalOf(() => parse(cfg)).code).toBe("TooManyTargets");
    const targets = parse(cfg.slice(0, cfg.lastIndexOf("\n")));
    expect(targets.at(-1)?.id).toBe("128000");
  });
});

describe("a run's package", () => {
  const manifestOf = async (sql: string): Promise<PackageManifest> => {
    const content = await readPackage(Buffer.from(sql));
    if (!content.ok) throw new Error("The package was refused.");
    return PackageContent.parse(content.value).manifest;
  };
  const withDatabase = (manifest: PackageManifest, database: string): PackageManifest => ({
    ...manifest,
    scripts: manifest.scripts.map((script) => ({ ...script, database })),
  });
  const document = parseRunDocument({ ...minimal, scriptTimeoutSeconds: 60, description: "why" });
  const oneTarget = parseRunTargets(document, ["srv*"]);

  test("every script must have its database in every target", async () => {
    const manifest = await manifestOf("SELECT 1");
    checkScriptDatabases(manifest, oneTarget);
    checkScriptDatabases(withDatabase(manifest, "CLIENT"), oneTarget);
    const failure = refusalOf(() => {
      checkScriptDatabases(withDatabase(manifest, "audit"), oneTarget);
    });
    expect(failure).toMatchObject({ code: "ScriptWithoutDatabase", status: 400 });
    expect(failure.message).toContain("'audit'");
    const other = { ...oneTarget[0]!, databases: [{ default: "other", override: "x" }] };
    expect(
      refusalOf(() => {
        checkScriptDatabases(withDatabase(manifest, "client"), [...oneTarget, other]);
      }).code,
    ).toBe("ScriptWithoutDatabase");
  });

  test("the plan keeps the document, with the package resolved and without the targets", async () => {
    const manifest = { name: "release-42", ...(await manifestOf("SELECT 1")) };
    const { targets: _, callback: _callback, ...rest } = document;
    expect(toRunPlan(document, manifest)).toEqual({
      ...rest,
      changedScript: "fail",
      package: { name: "release-42", sha256: manifest.sha256 },
    });
    expect(toRunPlan(parseRunDocument(minimal), manifest)).not.toHaveProperty("scriptTimeoutSeconds");
  });

  test("what becomes of a changed run-once script follows the package's format, unless it is said", async () => {
    const manifest = await manifestOf("SELECT 1");
    const changedScript = (document: object, format: PackageManifest["format"]) =>
      toRunPlan(parseRunDocument({ ...minimal, ...document }), { ...manifest, format }).changedScript;
    expect(changedScript({}, "sbm")).toBe("warn");
    expect(changedScript({}, "zip")).toBe("fail");
    expect(changedScript({ changedScript: "run" }, "sbm")).toBe("run");
  });
});
