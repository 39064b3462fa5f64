import type { LoginRequest, SqlEngine, SqlSession } from "../session.ts";
import type { Catalog } from "./catalog/model.ts";
import { readCatalog } from "./catalog/store.ts";
import { cannotOpenDatabase } from "./errors.ts";
import { createStatementFaults, type StatementFaults } from "./faults.ts";
import { LockManager } from "./locks/lock-manager.ts";
import { authenticate } from "./rights/authenticate.ts";
import { createLogins } from "./rights/logins.ts";
import { findUser, mayConnect, type LoginIdentity } from "./rights/session-principal.ts";
import { sessionOpener } from "./run/open-session.ts";
import { createSession } from "./run/session.ts";
import type { Server } from "./run/session-state.ts";
import { Connection } from "./storage/connection.ts";
import type { DatabaseFile } from "./storage/database-file.ts";
import { Databases } from "./storage/databases.ts";

export interface SqlEngineOptions {
  /** @@SERVERNAME */
  readonly serverName: string;
  /** Where the SQLite files live, one for each database; made when it is missing. */
  readonly folder: string;
  /** Administrators. CREATE LOGIN makes others. */
  readonly logins: readonly { readonly user: string; readonly password: string }[];
  /**
   * The user an Entra access token stands for; undefined refuses it. Without it every token is refused. It is an
   * administrator, too, but in a database that has a user FROM EXTERNAL PROVIDER of that name.
   */
  readonly acceptAccessToken?: (token: string) => string | undefined;
  readonly now?: () => Date;
}

export interface TsqlEngine extends SqlEngine {
  readonly faults: StatementFaults;
  /** Makes a database (or finds it), and runs T-SQL in it. @throws SqlError of the set-up */
  createDatabase(name: string, setupSql?: string): Promise<void>;
  databaseNames(): readonly string[];
}

/** A SQL Server stand-in that executes T-SQL on SQLite files. */
export function createSqlEngine(options: SqlEngineOptions): TsqlEngine {
  const now = options.now ?? ((): Date => new Date());
  const server: Server = {
    name: options.serverName,
    databases: new Databases(options.folder, now),
    locks: new LockManager(),
    sessions: new Map(),
    logins: createLogins(options.logins),
    scratch: new Connection(":memory:"),
    faults: createStatementFaults(),
    now,
  };
  const open = sessionOpener(server);
  const setup = { name: "setup", administrator: true, contained: false };

  async function login(request: LoginRequest): Promise<SqlSession> {
    const database = server.databases.find(request.database === "" ? "master" : request.database);
    const identity = authenticate(
      {
        logins: server.logins,
        acceptAccessToken: options.acceptAccessToken,
        readCatalog: () => database && peekCatalog(server, database),
      },
      request,
    );
    if (database === undefined || !mayEnter(server, database, identity)) {
      throw cannotOpenDatabase(request.database);
    }
    return Promise.resolve(open(identity, database, request));
  }

  return {
    faults: server.faults,
    login,
    async createDatabase(name, setupSql) {
      const database = server.databases.find(name) ?? server.databases.create(name);
      if (setupSql === undefined) return;
      const session = open(setup, database, { applicationName: "setup", hostName: "" });
      try {
        await runSetup(session, setupSql);
      } finally {
        await session.close();
      }
    },
    databaseNames: () => server.databases.list().map((database) => database.name),
    async close() {
      for (const state of [...server.sessions.values()]) await createSession(state).close();
      server.databases.close();
      server.scratch.close();
    },
  };
}

/** Without a session of one's own. */
function peekCatalog({ databases }: Server, database: DatabaseFile): Catalog {
  const connection = database.open();
  try {
    return readCatalog(connection);
  } finally {
    databases.giveBack(database, connection, true);
  }
}

function mayEnter(server: Server, database: DatabaseFile, login: LoginIdentity): boolean {
  if (login.administrator) return true;
  const catalog = peekCatalog(server, database);
  const user = findUser(catalog, database.name, login);
  return user !== undefined && mayConnect(catalog, user);
}

async function runSetup(session: SqlSession, text: string): Promise<void> {
  let failure: Error | undefined;
  const ignore = (): void => undefined;
  await session.execute(
    { kind: "batch", text },
    {
      columns: ignore,
      row: ignore,
      done: ignore,
      info: ignore,
      error: (message) => {
        failure ??= message instanceof Error ? message : new Error(message.message);
      },
      returnStatus: ignore,
      outputParameter: ignore,
      databaseChanged: ignore,
      transactionChanged: ignore,
    },
    new AbortController().signal,
  );
  if (failure !== undefined) throw failure;
}
