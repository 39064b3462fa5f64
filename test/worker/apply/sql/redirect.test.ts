import { afterEach, describe, expect, it } from "vitest";
import { startTdsServer, type TdsServer } from "../../../../local/sql-server/tds/server.ts";
import { createConnect, type SqlLogin } from "../../../../worker/apply/sql/connect.ts";
import { createNamedCertificate } from "../../../local/sql-server/support/named-certificate.ts";
import { createScriptedEngine, PASSWORD, USER } from "../../../local/sql-server/support/scripted-engine.ts";
import { createTrustedCertificates } from "../../../local/trusted-certificates.ts";

/**
 * Azure SQL's gateway sends clients inside Azure on to the node of their database. The node's certificate has names of
 * its own (*.worker.database.windows.net; tedious issue 1081), not the one that was asked for.
 */
describe.each(["mandatory", "strict"] as const)("a redirected connection (encrypt %s)", (encrypt) => {
  // Each trusts what is trusted then: the tests add authorities.
  const connect = (login: SqlLogin) => createConnect()(login);
  const servers: TdsServer[] = [];

  afterEach(async () => {
    await Promise.all(servers.splice(0).map((server) => server.stop()));
  });

  async function start(options: Pick<Parameters<typeof startTdsServer>[0], "tls" | "redirectTo">) {
    const engine = createScriptedEngine();
    const server = await startTdsServer({ engine, serverName: "srv", encryption: "required", ...options });
    servers.push(server);
    return server;
  }

  async function startGateway(server: string, port: number): Promise<SqlLogin> {
    const gateway = await start({
      tls: await createTrustedCertificates(),
      redirectTo: { server, port },
    });
    return {
      server: { host: "127.0.0.1", port: gateway.port },
      database: "orders",
      auth: { kind: "Password", userName: USER, password: PASSWORD },
      encrypt,
    };
  }

  it("is checked by the name it was sent to", async () => {
    const node = await start({ tls: createNamedCertificate("localhost") });
    const session = await connect(await startGateway("LOCALHOST", node.port));
    await session.batch("print hello");
    expect(node.counters.read().logins).toBe(1);
    await session.close();
  });

  it("is refused where the node has another name", async () => {
    const node = await start({ tls: createNamedCertificate("node.example") });
    await expect(connect(await startGateway("localhost", node.port))).rejects.toThrow(/altnames/);
    expect(node.counters.read().logins).toBe(0);
  });
});
