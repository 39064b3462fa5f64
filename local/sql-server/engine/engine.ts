import type { LoginRequest, SqlEngine, SqlSession } from "../session.ts";
import { cannotOpenDatabase, loginFailed } from "./errors.ts";
import { createStatementFaults, type StatementFaults } from "./faults.ts";
import { LockManager } from "./locks/lock-manager.ts";
import { createSession } from "./run/session.ts";
import { DEFAULT_OPTIONS, type Server, type SessionState } from "./run/session-state.ts";
import { Connection } from "./storage/connection.ts";
import { Databases } from "./storage/databases.ts";

export interface SqlEngineOptions {
  /** @@SERVERNAME */
  readonly serverName: string;
  /** Where the SQLite files live, one for each database; made when it is missing. */
  readonly folder: string;
  readonly logins: readonly { readonly user: string; readonly password: string }[];
  /** The user an Entra access token stands for; undefined refuses it. Without it every token is refused. */
  readonly acceptAccessToken?: (token: string) => string | undefined;
  readonly now?: () => Date;
}

export interface TsqlEngine extends SqlEngine {
  readonly faults: StatementFaults;
  /** Makes a database (or finds it), and runs T-SQL in it. @throws SqlError of the set-up */
  createDatabase(name: string, setupSql?: string): Promise<void>;
  databaseNames(): readonly string[];
}

/** Master and tempdb are always there; sessions get their numbers from here on, as in SQL Server. */
const FIRST_SESSION = 51;
const LAST_SESSION = 32_767;

/** A SQL Server stand-in that executes T-SQL on SQLite files. */
export function createSqlEngine(options: SqlEngineOptions): TsqlEngine {
  const now = options.now ?? ((): Date => new Date());
  const server: Server = {
    name: options.serverName,
    databases: new Databases(options.folder, now),
    locks: new LockManager(),
    sessions: new Map(),
    scratch: new Connection(":memory:"),
    faults: createStatementFaults(),
    now,
  };
  const open = sessionOpener(server);

  async function login(request: LoginRequest): Promise<SqlSession> {
    const user = authenticate(options, request);
    return Promise.resolve(open(user, request));
  }

  return {
    faults: server.faults,
    login,
    async createDatabase(name, setupSql) {
      if (server.databases.find(name) === undefined) server.databases.create(name);
      if (setupSql === undefined) return;
      const session = open("setup", { database: name, applicationName: "setup", hostName: "" });
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

type OpenSession = (
  user: string,
  facts: Pick<LoginRequest, "database" | "applicationName" | "hostName">,
) => SqlSession;

/** @throws SqlError 4060 */
function sessionOpener(server: Server): OpenSession {
  let next = FIRST_SESSION;
  return (user, { database: name, applicationName, hostName }) => {
    const database = server.databases.find(name === "" ? "master" : name);
    if (database === undefined) throw cannotOpenDatabase(name);
    while (server.sessions.has(next)) next = next >= LAST_SESSION ? FIRST_SESSION : next + 1;
    const state: SessionState = {
      server,
      id: next,
      user,
      hostName,
      applicationName,
      loginTime: server.now().toISOString(),
      database,
      homeDatabase: database,
      connections: new Map(),
      temporary: new Map(),
      options: DEFAULT_OPTIONS,
      transaction: undefined,
      rowCount: 0,
      errorNumber: 0,
      identity: null,
      scopeIdentity: null,
      locks: [],
    };
    database.users++;
    server.sessions.set(state.id, state);
    return createSession(state);
  };
}

/** @throws SqlError 18456 */
function authenticate(options: SqlEngineOptions, { user, password, accessToken }: LoginRequest): string {
  if (accessToken !== undefined) {
    const known = options.acceptAccessToken?.(accessToken);
    if (known === undefined) throw loginFailed("<token-identified principal>");
    return known;
  }
  const wanted = user.toLowerCase();
  const found = options.logins.find((one) => one.user.toLowerCase() === wanted && one.password === password);
  if (found === undefined) throw loginFailed(user);
  return found.user;
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
