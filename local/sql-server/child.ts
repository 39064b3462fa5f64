import { runAsChild } from "../child-side.ts";
import { type FaultMessage, receiveFault } from "./fault-orders.ts";
import { createVerifyToken, type TokenTrust } from "../identity/verify.ts";
import { startSqlServer } from "./server.ts";

/** What the stack tells the process of the SQL Server stand-ins, as JSON in its environment. */
export interface SqlChildOptions {
  readonly servers: readonly { readonly name: string; readonly databases: readonly string[] }[];
  /** 0 = any free ones, else the first server's port; the others follow it. */
  readonly port: number;
  readonly folder: string;
  readonly login: { readonly user: string; readonly password: string };
  readonly tls: { readonly key: string; readonly cert: string };
  /** Run in every database when it is made. */
  readonly setupSql: string;
  readonly tokens?: SqlTokens;
}

/** Who may log in with an Entra access token. */
export interface SqlTokens {
  readonly trust: TokenTrust;
  /** Names of the databases' users by client id. */
  readonly users: Readonly<Record<string, string>>;
}

export interface SqlChildReady {
  /** One per server, in order. */
  readonly ports: readonly number[];
}

function createAcceptToken({ trust, users }: SqlTokens): (token: string) => string | undefined {
  const verify = createVerifyToken(trust, Date.now);
  return (token) => {
    const claims = verify(token, { audience: "https://database.windows.net" });
    return claims && users[claims.appid];
  };
}

await runAsChild(async () => {
  const options = JSON.parse(process.env["SQL_OPTIONS"] ?? "{}") as SqlChildOptions;
  delete process.env["SQL_OPTIONS"];
  const running = await Promise.all(
    options.servers.map(({ name, databases }, index) =>
      startSqlServer({
        serverName: name,
        port: options.port === 0 ? 0 : options.port + index,
        folder: `${options.folder}/${name}`,
        logins: { [options.login.user]: options.login.password },
        tls: options.tls,
        databases,
        setupSql: options.setupSql,
        ...(options.tokens && { acceptAccessToken: createAcceptToken(options.tokens) }),
      }),
    ),
  );
  const faults = running.map((server) => server.faults);
  process.on("message", (message: FaultMessage) => {
    receiveFault(faults, message);
  });
  return {
    payload: { ports: running.map(({ port }) => port) } satisfies SqlChildReady,
    stop: async () => {
      await Promise.all(running.map((server) => server.stop()));
    },
  };
});
