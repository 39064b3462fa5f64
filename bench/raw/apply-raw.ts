import { Connection, type ConnectionConfiguration, Request } from "tedious";
import { ResumingConnection } from "../../worker/apply/sql/tls/resuming-connection.ts";
import type { TlsSessions } from "../../worker/apply/sql/tls/tls-sessions.ts";

/** What the raw driver needs to know of one database. */
export interface RawLogin {
  readonly host: string;
  readonly port: number | undefined;
  readonly instance: string | undefined;
  readonly database: string;
  readonly user: string;
  readonly password: string;
}

/**
 * Connect, BEGIN, the batches, COMMIT, close: what nobody can leave out. Nothing is written down or checked.
 * @param sessions to resume TLS sessions as the worker does, which the driver does not
 */
export async function applyRaw(
  login: RawLogin,
  batches: readonly string[],
  sessions?: TlsSessions,
): Promise<void> {
  const configuration: ConnectionConfiguration = {
    server: login.host,
    authentication: { type: "default", options: { userName: login.user, password: login.password } },
    options: {
      ...(login.port === undefined && login.instance !== undefined
        ? { instanceName: login.instance }
        : { port: login.port ?? 1433 }),
      database: login.database,
      encrypt: true,
      trustServerCertificate: false,
      requestTimeout: 0,
    },
  };
  const connection = sessions
    ? new ResumingConnection(configuration, sessions)
    : new Connection(configuration);
  const ended = new Promise<void>((resolve) => connection.once("end", resolve));
  await told((done) => {
    connection.connect(done);
  });
  await told((done) => {
    connection.beginTransaction(done);
  });
  for (const batch of batches) {
    await told((done) => {
      connection.execSqlBatch(new Request(batch, done));
    });
  }
  await told((done) => {
    connection.commitTransaction(done);
  });
  connection.close();
  await ended;
}

function told(act: (done: (error?: Error | null) => void) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    act((error) => {
      if (error) reject(error);
      else resolve();
    });
  });
}
