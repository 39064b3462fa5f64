import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { LocalCertificates } from "../../../../local/certificates.ts";
import { startTdsServer, type TdsServer } from "../../../../local/sql-server/tds/server.ts";
import { type Connect, createConnect, type SqlLogin } from "../../../../worker/apply/sql/connect.ts";
import type { SqlSession } from "../../../../worker/apply/sql/session.ts";
import { type TlsPeer, TlsSessions } from "../../../../worker/apply/sql/tls/tls-sessions.ts";
import { createNamedCertificate } from "../../../local/sql-server/support/named-certificate.ts";
import { createScriptedEngine, PASSWORD, USER } from "../../../local/sql-server/support/scripted-engine.ts";
import { createTrustedCertificates } from "../../../local/trusted-certificates.ts";
import { createRowCollector } from "../../../../worker/apply/sql/result-sink.ts";

const servers: TdsServer[] = [];
let connect: Connect;
const notResumed: string[] = [];

beforeEach(() => {
  notResumed.length = 0;
  connect = createConnect((host, error) => {
    notResumed.push(`${host}: ${error instanceof Error ? error.message : ""}`);
  });
});

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.stop()));
});

async function start(tls: Pick<LocalCertificates, "key" | "cert">, port = 0): Promise<TdsServer> {
  const engine = createScriptedEngine();
  const server = await startTdsServer({ engine, serverName: "srv", encryption: "required", tls, port });
  servers.push(server);
  return server;
}

async function open(
  { port }: TdsServer,
  { host = "localhost", ...login }: Partial<SqlLogin> & { readonly host?: string },
): Promise<SqlSession> {
  return await connect({
    server: { host, port },
    database: "orders",
    auth: { kind: "Password", userName: USER, password: PASSWORD },
    ...login,
  });
}

async function visit(server: TdsServer, login: Parameters<typeof open>[1]): Promise<void> {
  const session = await open(server, login);
  await session.batch("print hello");
  await session.close();
}

describe.each(["mandatory", "strict"] as const)("connections to one server (encrypt %s)", (encrypt) => {
  it("resume the TLS session of the first", async () => {
    const server = await start(await createTrustedCertificates());
    for (const database of ["one", "two", "three"]) await visit(server, { encrypt, database });
    expect(server.counters.read()).toMatchObject({ logins: 3, resumedLogins: 2 });
  });

  it("carry much, either way, when they are resumed", async () => {
    const server = await start(await createTrustedCertificates());
    await visit(server, { encrypt });
    const session = await open(server, { encrypt });
    const sink = createRowCollector();
    await session.batch("rows 100000", { sink });
    expect(sink.sets[0]).toHaveLength(100_000);
    await session.batch(`print ${"x".repeat(1_000_000)}`);
    await session.close();
    expect(server.counters.read().resumedLogins).toBe(1);
  });

  it("are refused for the certificate's name, however often they try", async () => {
    const server = await start(createNamedCertificate("node.example"));
    for (let tried = 0; tried < 3; tried += 1) {
      await expect(open(server, { encrypt })).rejects.toThrow(/altnames/);
    }
    expect(server.counters.read().logins).toBe(0);
  });

  it("do not resume the session that was made under another name", async () => {
    const server = await start(createNamedCertificate("localhost"));
    await visit(server, { encrypt });
    await expect(open(server, { encrypt, host: "127.0.0.1" })).rejects.toThrow(/altnames/);
  });

  it("begin anew with a server that was started again", async () => {
    const certificates = await createTrustedCertificates();
    const first = await start(certificates);
    await visit(first, { encrypt });
    await first.stop();
    const second = await start(certificates, first.port);
    await visit(second, { encrypt });
    await visit(second, { encrypt });
    expect(second.counters.read()).toMatchObject({ logins: 2, resumedLogins: 1 });
  });

  it("make a full handshake at once, and then each time, where a resumed one came to nothing", async () => {
    const server = await start(await createTrustedCertificates());
    await visit(server, { encrypt });
    server.faults.add({ stage: "login", effect: { kind: "cut", moment: "before" }, times: 1 });
    await visit(server, { encrypt });
    await visit(server, { encrypt });
    expect(server.counters.read()).toMatchObject({ logins: 3, resumedLogins: 0 });
    expect(notResumed).toEqual([expect.stringMatching(/^localhost: .*(closed|ECONNRESET)/)]);
  });

  it("try once where the server says no, and resume again", async () => {
    const server = await start(await createTrustedCertificates());
    await visit(server, { encrypt });
    await expect(open(server, { encrypt, database: "missing" })).rejects.toThrow(/Cannot open database/);
    await visit(server, { encrypt });
    expect(server.counters.read()).toMatchObject({ logins: 2, failedLogins: 1, resumedLogins: 1 });
  });
});

it("looks at the certificate where an earlier connection was told to trust it", async () => {
  const server = await start(createNamedCertificate("node.example"));
  await visit(server, { trustServerCertificate: true });
  await visit(server, { trustServerCertificate: true });
  await expect(open(server, {})).rejects.toThrow(/altnames/);
  expect(server.counters.read()).toMatchObject({ logins: 2, resumedLogins: 1 });
});

describe("TLS sessions", () => {
  const peer: TlsPeer = {
    encrypt: "mandatory",
    host: "srv.example",
    endpoint: "10.0.0.1:1433",
    trustServerCertificate: false,
  };
  const minute = 60_000;

  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["Date"] });
  });

  afterEach(() => {
    vi.useRealTimers();
  });

  it("are kept for ten minutes, however often they are resumed", () => {
    const sessions = new TlsSessions();
    sessions.keep(peer, Buffer.from("ticket"));
    vi.advanceTimersByTime(9 * minute);
    expect(sessions.find({ ...peer, host: "SRV.example" })?.toString()).toBe("ticket");
    vi.advanceTimersByTime(2 * minute);
    expect(sessions.find(peer)).toBeUndefined();
  });

  it.each([
    ["node", { endpoint: "10.0.0.2:1433" }],
    ["name", { host: "other.example" }],
    ["trust", { trustServerCertificate: true }],
    ["protocol", { encrypt: "strict" as const }],
  ])("are for one %s only", (_what, other) => {
    const sessions = new TlsSessions();
    sessions.keep(peer, Buffer.from("ticket"));
    expect(sessions.find({ ...peer, ...other })).toBeUndefined();
  });

  it("are tried again ten minutes after one came to nothing", () => {
    const sessions = new TlsSessions();
    sessions.keep(peer, Buffer.from("old"));
    sessions.giveUp(peer);
    sessions.keep(peer, Buffer.from("new"));
    expect(sessions.find(peer)).toBeUndefined();
    vi.advanceTimersByTime(11 * minute);
    sessions.keep(peer, Buffer.from("newer"));
    expect(sessions.find(peer)?.toString()).toBe("newer");
  });
});
