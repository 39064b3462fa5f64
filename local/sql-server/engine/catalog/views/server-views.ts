import type { SystemView } from "../system-view.ts";
import { columns, storedDate } from "./columns.ts";

const SESSIONS: SystemView = {
  columns: columns(
    "session_id:s login_name:t host_name:t program_name:t database_id:s status:t login_time:d",
  ),
  rows: ({ sessions, databases }) =>
    sessions().map(({ id, user, host, application, database, loginTime }) => [
      id,
      user,
      host,
      application,
      databases().find((candidate) => candidate.name.toLowerCase() === database.toLowerCase())?.id ?? 0,
      "running",
      storedDate(loginTime),
    ]),
};

/** Views of the server, the same in every database. */
export const SERVER_VIEWS: Readonly<Record<string, SystemView>> = {
  databases: {
    columns: columns(
      "name:t database_id:i create_date:d state:i state_desc:t is_read_only:b compatibility_level:i collation_name:t recovery_model_desc:t user_access_desc:t",
    ),
    rows: ({ databases }) =>
      databases().map(({ name, id, created, readOnly }) => [
        name,
        id,
        storedDate(created),
        0,
        "ONLINE",
        Number(readOnly),
        160,
        "SQL_Latin1_General_CP1_CI_AS",
        "FULL",
        "MULTI_USER",
      ]),
  },
  dm_exec_sessions: SESSIONS,
  dm_exec_connections: {
    columns: columns("session_id:s net_transport:t encrypt_option:t"),
    rows: ({ sessions }) => sessions().map(({ id }) => [id, "TCP", "FALSE"]),
  },
  server_principals: {
    columns: columns("name:t type:c type_desc:t is_disabled:b"),
    rows: ({ logins }) => logins().map(({ name, enabled }) => [name, "S", "SQL_LOGIN", Number(!enabled)]),
  },
};
