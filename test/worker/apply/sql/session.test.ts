import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type LocalCertificates, createLocalCertificates } from "../../../../local/certificates.ts";
import { type TdsServer, startTdsServer } from "../../../../local/sql-server/tds/server.ts";
import { createConnect, type SqlLogin } from "../../../../worker/apply/sql/connect.ts";
import { createRowCollector } from "../../../../worker/apply/sql/result-sink.ts";
import type { SqlSession } from "../../../../worker/apply/sql/session.ts";
import { SqlFault } from "../../../../worker/apply/sql/sql-fault.ts";
import {
  PASSWORD,
  type ScriptedEngine,
  USER,
  createScriptedEngine,
} from "../../../local/sql-server/support/scripted-engine.ts";
import { createTrustedCertificates } from "../../../local/trusted-certificates.ts";

/** The driver behind the seam, against a server that does what it is told: no SQL is understood here. */
let tls: LocalCertificates;
let engine: ScriptedEngine;
let server: TdsServer;
const connect = createConnect();
const sessions: SqlSession[] = [];

beforeAll(async () => {
  tls = await createTrustedCertificates();
});

beforeEach(async () => {
  engine = createScriptedEngine();
  server = await startTdsServer({ engine, serverName: "srv", tls, encryption: "required" });
});

afterEach(async () => {
  await Promise.all(sessions.splice(0).map((session) => session.close()));
  await server.stop();
});

async function open(login: Partial<SqlLogin> = {}): Promise<SqlSession> {
  const session = await connect({
    server: { host: "localhost", port: server.port },
    database: "orders",
    auth: { kind: "Password", userName: USER, password: PASSWORD },
    ...login,
  });
  sessions.push(session);
  return session;
}

async function faultOf(work: Promise<unknown>): Promise<SqlFault> {
  const error: unknown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof SqlFault) return error;
  throw new Error("Expected a fault.", { cause: error });
}

describe("connect", () => {
  it("encrypts, with the certificate checked", async () => {
    const session = await open();
    await session.batch("print hello");
    expect(engine.openSessions).toBe(1);
  });

  it("refuses a certificate nobody vouches for", async () => {
    const stranger = await startTdsServer({
      engine,
      serverName: "srv",
      tls: await createLocalCertificates(),
    });
    const fault = await faultOf(open({ server: { host: "localhost", port: stranger.port } }));
    await stranger.stop();
    expect(fault.facts).toMatchObject({ kind: "unreachable", phase: "connect" });
    expect(engine.openSessions).toBe(0);
  });

  it("logs in with an Entra token", async () => {
    const auth = { kind: "ManagedIdentity", token: () => Promise.resolve("a.b.c") } as const;
    await open({ auth });
    expect(engine.accessTokens).toEqual(["a.b.c"]);
  });

  it.each([
    [{ auth: { kind: "Password", userName: USER, password: "wrong" } } as const, 18456],
    [{ database: "missing" }, 4060],
  ])("says with its number why a login was refused", async (login, number) => {
    const fault = await faultOf(open(login));
    expect(fault.facts).toMatchObject({ kind: "refused", phase: "connect", number });
    expect(JSON.stringify(fault) + String(fault.stack)).not.toContain(PASSWORD);
  });

  it("tells a server that is not there", async () => {
    const fault = await faultOf(open({ server: { host: "127.0.0.1", port: 1 } }));
    expect(fault.facts.kind).toBe("unreachable");
  });
});

describe("connect strictly", () => {
  const strict = { encrypt: "strict" } as const;

  beforeEach(async () => {
    await server.stop();
    server = await startTdsServer({ engine, serverName: "srv", tls, encryption: "strict" });
  });

  it("works on a server that takes nothing else", async () => {
    const session = await open(strict);
    const sink = createRowCollector();
    await session.batch("rows 5000", { sink });
    expect(sink.sets[0]).toHaveLength(5_000);
    const fault = await faultOf(session.batch("wait", { timeoutSeconds: 0.2 }));
    expect(fault.facts.kind).toBe("timeout");
    await session.batch("print still there");
  });

  it("logs in with an Entra token", async () => {
    const token = `a.${"b".repeat(5_000)}.c`;
    await open({ ...strict, auth: { kind: "ManagedIdentity", token: () => Promise.resolve(token) } });
    expect(engine.accessTokens).toEqual([token]);
  });

  it("says with its number why a login was refused", async () => {
    const fault = await faultOf(open({ ...strict, database: "missing" }));
    expect(fault.facts).toMatchObject({ kind: "refused", phase: "connect", number: 4060 });
  });

  it("refuses a certificate nobody vouches for, even if told to trust it", async () => {
    await server.stop();
    server = await startTdsServer({ engine, serverName: "srv", tls: await createLocalCertificates() });
    for (const trustServerCertificate of [false, true]) {
      const fault = await faultOf(open({ ...strict, trustServerCertificate }));
      expect(fault.facts).toMatchObject({ kind: "unreachable", phase: "connect" });
      expect(fault.message).toMatch(/certificate/);
    }
  });

  it("must be asked for: such a server resets other connections", async () => {
    const fault = await faultOf(open());
    expect(fault.facts).toMatchObject({ kind: "unreachable", phase: "connect" });
    expect(fault.message).toContain("ECONNRESET");
  });
});

describe("session", () => {
  it("delivers rows, counts and messages", async () => {
    const session = await open();
    const sink = createRowCollector();
    await session.batch("rows 3", { sink });
    expect(sink.sets).toEqual([
      [
        [1, "row 1"],
        [2, "row 2"],
        [3, null],
      ],
    ]);
  });

  it("takes the first error of a batch, with number and line", async () => {
    const session = await open();
    const fault = await faultOf(session.batch("error 547"));
    expect(fault.facts).toMatchObject({ kind: "refused", phase: "run", number: 547, severity: 16, line: 7 });
    await session.batch("print still there");
  });

  it("cancels a batch that takes too long, also when it has begun to answer", async () => {
    const session = await open();
    const fault = await faultOf(session.batch("rowsthenwait 2", { timeoutSeconds: 0.2 }));
    expect(fault.facts.kind).toBe("timeout");
    await session.batch("print still there");
  });

  it("cancels a batch on order", async () => {
    const session = await open();
    const stop = new AbortController();
    const ended = faultOf(session.batch("wait", { signal: stop.signal }));
    await expect.poll(() => server.counters.read().executing.now).toBe(1);
    stop.abort("shutdown");
    expect((await ended).facts.kind).toBe("cancelled");
    await session.batch("print still there");
  });

  it("says lost when the connection is cut", async () => {
    server.faults.add({
      stage: "request",
      matches: ({ text }) => text.startsWith("rows"),
      effect: { kind: "cut", moment: "after" },
    });
    const session = await open();
    const fault = await faultOf(session.batch("rows 1"));
    expect(fault.facts.kind).toBe("lost");
    expect((await faultOf(session.batch("print x"))).facts.kind).toBe("lost");
  });
});
