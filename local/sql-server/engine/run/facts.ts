import type { SystemFacts } from "../catalog/system-view.ts";
import type { Storage } from "../syntax/expression.ts";
import { parseLockMode } from "../locks/modes.ts";
import { formatInstant, storeAs } from "../types/datetime.ts";
import { userOf } from "../rights/ask.ts";
import {
  hasDatabaseAccess,
  hasPermissionsByName,
  isRoleMember,
  isServerRoleMember,
  principalId,
  principalName,
} from "../rights/questions.ts";
import { visibleView } from "../rights/visible-view.ts";
import type { DatabaseFile } from "../storage/database-file.ts";
import { lastIdentity } from "../write/identity.ts";
import { findObject, parseWrittenName } from "../catalog/lookup.ts";
import { connectionTo, currentView } from "./connections.ts";
import { applicationLockName } from "./lock-names.ts";
import type { Frame } from "./session-state.ts";
import { schemaId, schemaNames } from "../catalog/views/object-views.ts";

/** As SQL Server says it, and honest about what it is. */
const VERSION = "Microsoft SQL Server 2022 (RTM) - 16.0.1000.6 (stand-in: T-SQL on SQLite, not SQL Server)";

type Fact = (frame: Frame, ...values: readonly Storage[]) => Storage;

const SERVER_PROPERTIES: Readonly<Record<string, (frame: Frame) => Storage>> = {
  collation: () => "SQL_Latin1_General_CP1_CI_AS",
  edition: () => "Developer Edition (64-bit)",
  engineedition: () => 3,
  instancename: () => null,
  isclustered: () => 0,
  isintegratedsecurityonly: () => 0,
  machinename: (frame) => frame.session.server.name,
  productlevel: () => "RTM",
  productversion: () => "16.0.1000.6",
  productmajorversion: () => "16",
  servername: (frame) => frame.session.server.name,
};

const DATABASE_PROPERTIES: Readonly<Record<string, (database: DatabaseFile) => Storage>> = {
  collation: () => "SQL_Latin1_General_CP1_CI_AS",
  recovery: () => "FULL",
  status: () => "ONLINE",
  updateability: ({ readOnly }) => (readOnly ? "READ_ONLY" : "READ_WRITE"),
  useraccess: () => "MULTI_USER",
  version: () => "957",
};

/** Always TCP on loopback. */
const CONNECTION_PROPERTIES: Readonly<Record<string, string>> = {
  auth_scheme: "SQL",
  client_net_address: "127.0.0.1",
  local_net_address: "127.0.0.1",
  net_transport: "TCP",
  physical_net_transport: "TCP",
  protocol_type: "TSQL",
};

/** IDENT_CURRENT: of a table that never had a row, the seed. */
function lastIdentityOf({ session }: Frame, name: Storage = null): Storage {
  const table = findObject(currentView(session), parseWrittenName(String(name)));
  if (table?.kind !== "table") return null;
  const identity = table.columns.find((column) => column.identity !== undefined)?.identity;
  if (identity === undefined) return null;
  return lastIdentity(connectionTo(session), session.database, table) ?? identity.seed;
}

function now(frame: Frame, type: "datetime" | "datetime2" | "datetimeoffset"): string {
  const milliseconds = frame.session.server.now().getTime();
  const instant = { milliseconds, hundredNanoseconds: 0 };
  return type === "datetimeoffset"
    ? formatInstant({ ...instant, offsetMinutes: 0 })
    : storeAs(instant, { name: type });
}

function caught(read: (error: NonNullable<Frame["caught"]>) => Storage): Fact {
  return (frame) => {
    for (let scope: Frame | undefined = frame; scope !== undefined; scope = scope.parent) {
      if (scope.caught !== undefined) return read(scope.caught);
    }
    return null;
  };
}

function databaseName(frame: Frame, id: Storage = null): Storage {
  const { databases } = frame.session.server;
  return id === null
    ? frame.session.database.name
    : (databases.list().find((one) => one.id === id)?.name ?? null);
}

const login: Fact = (frame) => frame.session.login.name;

/** In the current database. */
const user: Fact = (frame) => userOf(frame.session).name;

/** Names of SESSION_FACTS, and the functions that ask the session with arguments. */
const FACTS: Readonly<Record<string, Fact>> = {
  "@@DATEFIRST": () => 7,
  "@@ERROR": (frame) => frame.session.errorNumber,
  "@@FETCH_STATUS": () => -1,
  "@@IDENTITY": (frame) => frame.session.identity,
  "@@LANGUAGE": () => "us_english",
  "@@LOCK_TIMEOUT": (frame) => frame.session.options.lockTimeout,
  "@@MAX_PRECISION": () => 38,
  "@@NESTLEVEL": (frame) => frame.depth,
  "@@OPTIONS": () => 5496,
  "@@PROCID": () => 0,
  "@@ROWCOUNT": (frame) => frame.session.rowCount,
  "@@SERVERNAME": (frame) => frame.session.server.name,
  "@@SERVICENAME": () => "MSSQLSERVER",
  "@@SPID": (frame) => frame.session.id,
  "@@TEXTSIZE": (frame) => frame.session.options.textSize,
  "@@TRANCOUNT": (frame) => frame.session.transaction?.count ?? 0,
  "@@VERSION": () => VERSION,
  APP_NAME: (frame) => frame.session.applicationName,
  APPLOCK_MODE: (frame, _principal, resource) => {
    const name = applicationLockName(frame.session, String(resource));
    return frame.session.server.locks.modesOf(frame.session.id, name).map(parseLockMode).at(-1) ?? "NoLock";
  },
  CONNECTIONPROPERTY: (_frame, name) => CONNECTION_PROPERTIES[String(name).toLowerCase()] ?? null,
  CURRENT_TIMESTAMP: (frame) => now(frame, "datetime"),
  CURRENT_USER: user,
  DATABASEPROPERTYEX: (frame, name, property) => {
    const database = frame.session.server.databases.find(String(name));
    return (database && DATABASE_PROPERTIES[String(property).toLowerCase()]?.(database)) ?? null;
  },
  DATABASE_PRINCIPAL_ID: principalId,
  DB_ID: (frame, name = null) => {
    const { session } = frame;
    return (name === null ? session.database : session.server.databases.find(String(name)))?.id ?? null;
  },
  DB_NAME: databaseName,
  ERROR_LINE: caught((error) => error.line),
  ERROR_MESSAGE: caught((error) => error.message),
  ERROR_NUMBER: caught((error) => error.number),
  ERROR_PROCEDURE: caught((error) => (error.procedure === "" ? null : error.procedure)),
  ERROR_SEVERITY: caught((error) => error.class),
  ERROR_STATE: caught((error) => error.state),
  GETDATE: (frame) => now(frame, "datetime"),
  GETUTCDATE: (frame) => now(frame, "datetime"),
  HAS_DBACCESS: hasDatabaseAccess,
  HAS_PERMS_BY_NAME: hasPermissionsByName,
  HOST_NAME: (frame) => frame.session.hostName,
  IDENT_CURRENT: lastIdentityOf,
  IS_ROLEMEMBER: isRoleMember,
  IS_SRVROLEMEMBER: isServerRoleMember,
  ORIGINAL_LOGIN: login,
  RAND: () => Math.random(),
  ROWCOUNT_BIG: (frame) => frame.session.rowCount,
  SCHEMA_ID: (frame, name = null) => {
    const id = schemaId(currentView(frame.session).catalog, name === null ? "dbo" : String(name));
    return id === 0 ? null : id;
  },
  SCHEMA_NAME: (frame, id) =>
    schemaNames(currentView(frame.session).catalog).find((schema) => schema[1] === (id ?? 1))?.[0] ?? null,
  SCOPE_IDENTITY: (frame) => frame.scopeIdentity,
  SERVERPROPERTY: (frame, name) => SERVER_PROPERTIES[String(name).toLowerCase()]?.(frame) ?? null,
  SESSION_USER: user,
  SUSER_NAME: login,
  SUSER_SNAME: login,
  SYSDATETIME: (frame) => now(frame, "datetime2"),
  SYSDATETIMEOFFSET: (frame) => now(frame, "datetimeoffset"),
  SYSTEM_USER: login,
  SYSUTCDATETIME: (frame) => now(frame, "datetime2"),
  USER: user,
  USER_NAME: principalName,
  /** A variable that the running SELECT assigns row by row. */
  VARIABLE: (frame, name) => frame.variables.get(String(name))?.value ?? null,
  XACT_STATE: ({ session: { transaction } }) => (transaction === undefined ? 0 : transaction.doomed ? -1 : 1),
};

export function readFact(frame: Frame, name: string, ...values: readonly Storage[]): Storage {
  const fact = FACTS[name];
  if (fact === undefined) throw new Error(`no fact ${name}`);
  return fact(frame, ...values);
}

/** What the views of the catalogue are computed from. */
export function systemFacts(frame: Frame): SystemFacts {
  const { session } = frame;
  return {
    view: visibleView(session),
    databases: () => session.server.databases.list(),
    logins: () => [...session.server.logins.values()],
    sessions: () =>
      [...session.server.sessions.values()].map((other) => ({
        id: other.id,
        user: other.login.name,
        host: other.hostName,
        application: other.applicationName,
        database: other.database.name,
        loginTime: other.loginTime,
      })),
    sessionId: session.id,
  };
}
