import type { LoginRequest, SqlSession } from "../../session.ts";
import type { LoginIdentity } from "../rights/session-principal.ts";
import type { DatabaseFile } from "../storage/database-file.ts";
import { createSession } from "./session.ts";
import { DEFAULT_OPTIONS, type Server, type SessionState } from "./session-state.ts";

/** Sessions get their numbers from here on, as in SQL Server. */
const FIRST_SESSION = 51;
const LAST_SESSION = 32_767;

export type OpenSession = (
  login: LoginIdentity,
  database: DatabaseFile,
  facts: Pick<LoginRequest, "applicationName" | "hostName">,
) => SqlSession;

/** Opens the sessions of one server. */
export function sessionOpener(server: Server): OpenSession {
  let next = FIRST_SESSION;
  return (login, database, { applicationName, hostName }) => {
    while (server.sessions.has(next)) next = next >= LAST_SESSION ? FIRST_SESSION : next + 1;
    const state: SessionState = {
      ...{ server, id: next, login, hostName, applicationName },
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
