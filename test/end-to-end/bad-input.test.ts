import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeRawZip, makeZip } from "../services/package-reader/make-zip.ts";
import { startTestStack, type TestStack } from "../support/test-stack.ts";

let stack: TestStack;

beforeAll(async () => {
  stack = await startTestStack({ databases: 2, servers: 1 });
  await stack.upload("good", "SELECT 1;");
  await stack.upload("commits", "SELECT 1;\nCOMMIT;");
});
afterAll(async () => {
  await stack.stop();
});

const goodTarget = (): string => `${stack.databases[0]!.server}:client,${stack.databases[0]!.name}`;

describe("a run document that is refused", () => {
  it.each([
    ["no JSON", () => "{", 400, "InvalidJson"],
    ["an unknown property", () => document({ colour: "red" }), 400, "InvalidRequest"],
    ["no targets", () => document({ targets: { cfg: "-- none\n" } }), 400, "NoTargets"],
    [
      "a line without a colon",
      () => document({ targets: { cfg: `${goodTarget()}\nnonsense` } }),
      400,
      "TargetColonMissing",
    ],
    [
      "a duplicate target",
      () => document({ targets: { cfg: `${goodTarget()}\n${goodTarget()}` } }),
      400,
      "DuplicateTarget",
    ],
    [
      "a server of somebody else's",
      () => document({ targets: { cfg: "evil.example:client,db" } }),
      403,
      "ServerNotAllowed",
    ],
    ["an unknown package", () => document({ package: "nope" }), 404, "UnknownPackage"],
    ["a limit of 0", () => document({ concurrency: { limit: 0 } }), 400, "InvalidLimit"],
    ["no nodes", () => document({ compute: { kind: "batch", nodes: 0 } }), 400, "InvalidLimit"],
    [
      "a trial without a package transaction",
      () => document({ mode: "trial", transaction: "none" }),
      400,
      "TrialNeedsPackageTransaction",
    ],
    [
      "strict encryption without a certificate's validation",
      () => document({ connection: { encrypt: "strict", trustServerCertificate: true } }),
      400,
      "StrictNeedsValidCertificate",
    ],
    [
      "a trial of what cannot be rolled back",
      () => document({ package: "commits", mode: "trial" }),
      400,
      "TrialCannotRollBack",
    ],
  ])("%s", async (_, body, status, code) => {
    const reply = await stack.call("POST", "/runs", body());
    expect([reply.status, (reply.body["error"] as { code: string }).code]).toEqual([status, code]);
    expect(reply.body["error"]).toMatchObject({ message: expect.any(String), help: expect.any(String) });
    expect((await stack.call("GET", "/runs")).body).toEqual({ runs: [] });
  });

  it("names the line of a malformed cfg", async () => {
    const reply = await stack.call(
      "POST",
      "/runs",
      document({ targets: { cfg: `${goodTarget()}\n\nnonsense` } }),
    );
    expect(reply.body["error"]).toMatchObject({ details: [{ line: 3 }] });
  });

  function document(changes: Readonly<Record<string, unknown>>): string {
    return JSON.stringify({ package: "good", targets: { cfg: goodTarget() }, ...changes });
  }
});

describe("a package that is refused", () => {
  it.each([
    ["nothing", () => new Uint8Array(), 400, "PackageEmpty"],
    ["binary junk", () => new Uint8Array([0, 1, 2, 3, 255]), 400, "NotAPackage"],
    ["a zip bomb", () => makeZip({ "bomb.sql": Buffer.alloc(50_000_000, " ") }), 400, "ZipBomb"],
    ["a name that climbs out", () => makeRawZip([{ name: "../evil.sql" }]), 400, "ZipUnsafePath"],
    ["200 MB", () => Buffer.alloc(200 * 1024 * 1024, "a"), 413, "PackageTooLarge"],
  ])("%s", async (_, bytes, status, code) => {
    const reply = await stack.call("PUT", "/packages/bad", await bytes());
    expect([reply.status, (reply.body["error"] as { code: string }).code]).toEqual([status, code]);
    const { packages } = (await stack.call("GET", "/packages")).body as { packages: { name: string }[] };
    expect(packages.map(({ name }) => name)).toEqual(["commits", "good"]);
  });
});

describe("a call that is refused", () => {
  it("without a key or with a wrong one, by the host: 401", async () => {
    expect((await stack.call("GET", "/runs", undefined, { "x-functions-key": "wrong" })).status).toBe(401);
    expect((await fetch(`${stack.file.api}/runs`)).status).toBe(401);
    expect((await fetch(`${stack.file.api}/runs?code=${stack.file.functionKey}`)).status).toBe(200);
  });

  it("to warm no nodes, while some are warmed and all deleted again", async () => {
    const refused = await stack.call("POST", "/compute/batch/prestage", '{"nodes":0}');
    expect([refused.status, refused.body["error"]]).toEqual([
      400,
      expect.objectContaining({ code: "InvalidLimit" }),
    ]);
    expect((await stack.call("POST", "/compute/batch/prestage", '{"nodes":2}')).status).toBe(202);
    expect((await stack.call("POST", "/compute/batch/cleanup")).status).toBe(202);
  });

  it("to an unknown route", async () => {
    const reply = await stack.call("GET", "/nope");
    expect([reply.status, reply.body["error"]]).toEqual([
      404,
      expect.objectContaining({ code: "UnknownRoute" }),
    ]);
  });

  it("with an unknown secret, and stores none", async () => {
    const before = (await stack.call("GET", "/secrets")).body["secrets"];
    const reply = await stack.call("PUT", "/secrets", JSON.stringify({ Password: "a", Colour: "red" }));
    expect([reply.status, reply.body["error"]]).toEqual([
      400,
      expect.objectContaining({ code: "UnknownSecret" }),
    ]);
    expect((await stack.call("GET", "/secrets")).body["secrets"]).toEqual(before);
  });

  it("about a run that does not exist", async () => {
    for (const path of [
      "/runs/nope",
      "/runs/20260101-000000-abcdef",
      "/runs/nope/targets",
      "/runs/nope/logs",
    ]) {
      const reply = await stack.call("GET", path);
      expect([reply.status, reply.body["error"]]).toEqual([
        404,
        expect.objectContaining({ code: "UnknownRun" }),
      ]);
    }
  });
});
