import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createLocalCertificates } from "../../../local/certificates.ts";
import { type TdsServer, startTdsServer } from "../../../local/sql-server/tds/server.ts";
import { createScriptedEngine, PASSWORD, USER } from "../../local/sql-server/support/scripted-engine.ts";
import { Failure } from "../../../model/failures.ts";
import { createConnect } from "../../../worker/apply/sql/connect.ts";
import { engineProfile } from "../../support/engine-profile.ts";
import { apply } from "../support/apply-task.ts";
import { effectTable, insertEffect, readEffects } from "../support/effects.ts";
import { type SqlUnderTest, startSqlUnderTest } from "../support/sql-under-test.ts";

const connect = createConnect();
const scripts = [{ text: insertEffect }];

describe.runIf(engineProfile.accessToken !== undefined)("auth ManagedIdentity", () => {
  let sql: SqlUnderTest;
  let database: string;

  beforeAll(async () => {
    sql = await startSqlUnderTest();
    database = await sql.createDatabase(effectTable);
  });

  afterAll(async () => {
    await sql.stop();
  });

  it("logs in with an access token of the worker's identity, and with no password", async () => {
    let asked = 0;
    const token = (): Promise<string> => {
      asked += 1;
      return Promise.resolve(engineProfile.accessToken ?? "");
    };
    const { outcome } = await apply(sql, {
      databases: [database],
      scripts,
      plan: { auth: { kind: "ManagedIdentity" } },
      context: { auth: { kind: "ManagedIdentity", token } },
    });
    expect(outcome).toMatchObject({ state: "committed", attempts: 1 });
    // A token is asked for with each connection: the SDK keeps it, and renews it in a run of hours.
    expect(asked).toBe(1);
  });

  it("says that the server does not take the token, once and without it", async () => {
    const { outcome, log } = await apply(sql, {
      databases: [database],
      scripts,
      context: { auth: { kind: "ManagedIdentity", token: () => Promise.resolve("canary-token") } },
    });
    expect(outcome).toMatchObject({ state: "failed", attempts: 1, error: { code: "SqlLoginFailed" } });
    expect(JSON.stringify([outcome, log])).not.toContain("canary");
  });

  it("says that there was no token to be had", async () => {
    const { outcome } = await apply(sql, {
      databases: [database],
      scripts,
      plan: { retry: { attempts: 1 } },
      context: { auth: { kind: "ManagedIdentity", token: () => Promise.reject(new Error("No identity.")) } },
    });
    expect(outcome).toMatchObject({ state: "failed", error: { code: "SqlTokenMissing" } });
    expect(outcome.error?.message).toContain("No identity.");
  });

  it.each([
    ["IdentityRefused", 1],
    ["CertificateExpired", 1],
    ["IdentityUnavailable", 2],
  ] as const)("says %s where that is why, and tries again only where it may help", async (code, attempts) => {
    const token = (): Promise<string> => Promise.reject(new Failure(code, "AADSTS700027: why."));
    const { outcome } = await apply(sql, {
      databases: [database],
      scripts,
      plan: { retry: { attempts: 2 } },
      context: { auth: { kind: "ManagedIdentity", token } },
    });
    expect(outcome).toMatchObject({ state: "failed", attempts, error: { code } });
    expect(outcome.error?.message).toContain("AADSTS700027");
  });
});

describe.runIf(engineProfile.connectionString === undefined)("a server that takes TDS 8.0 only", () => {
  let sql: SqlUnderTest;
  let database: string;

  beforeAll(async () => {
    sql = await startSqlUnderTest("strict");
    database = await sql.createDatabase(effectTable);
  });

  afterAll(async () => {
    await sql.stop();
  });

  it("gets a package whose run says encrypt strict, also when a link is cut after COMMIT", async () => {
    sql.standIn?.faults.add({
      stage: "request",
      matches: ({ text }) => text.includes("COMMIT TRANSACTION"),
      effect: { kind: "cut", moment: "after" },
    });
    const { outcome, log } = await apply(sql, { databases: [database], scripts });
    expect(outcome.state).toBe("committed");
    expect(log).toContain("The journal says: committed.");
    expect(await readEffects(sql, database)).toEqual([1]);
  });

  it("cannot be reached by a run that does not", async () => {
    const connection = { encrypt: "mandatory", trustServerCertificate: false } as const;
    const { outcome } = await apply(sql, {
      databases: [database],
      scripts,
      plan: { connection, retry: { attempts: 1 } },
    });
    expect(outcome).toMatchObject({ state: "failed", error: { code: "SqlUnreachable" } });
  });
});

describe("the server's certificate", () => {
  let server: TdsServer;

  beforeAll(async () => {
    const tls = await createLocalCertificates();
    server = await startTdsServer({
      engine: createScriptedEngine(),
      serverName: "srv",
      tls,
      encryption: "required",
    });
  });

  afterAll(async () => {
    await server.stop();
  });

  const login = (trustServerCertificate?: boolean) =>
    connect({
      server: { host: "localhost", port: server.port },
      database: "orders",
      auth: { kind: "Password", userName: USER, password: PASSWORD },
      ...(trustServerCertificate !== undefined && { trustServerCertificate }),
    });

  it("must be one that somebody vouches for", async () => {
    await expect(login()).rejects.toMatchObject({ facts: { kind: "unreachable" } });
    await expect(login(false)).rejects.toThrow(/certificate|self.signed/i);
  });

  it("is not looked at where the run says trustServerCertificate", async () => {
    const session = await login(true);
    await session.close();
  });
});
