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

/** Those that scripts look at, with SQL Server's defaults: id, name, value, smallest, largest. */
const CONFIGURATIONS: readonly (readonly [number, string, number, number, number])[] = [
  [115, "nested triggers", 1, 0, 1],
  [503, "max worker threads", 0, 128, 65_535],
  [505, "network packet size (B)", 4096, 512, 32_767],
  [518, "show advanced options", 0, 0, 1],
  [1538, "cost threshold for parallelism", 5, 0, 32_767],
  [1539, "max degree of parallelism", 0, 0, 32_767],
  [1544, "max server memory (MB)", 2_147_483_647, 128, 2_147_483_647],
  [1562, "clr enabled", 0, 0, 1],
  [16_390, "xp_cmdshell", 0, 0, 1],
];

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
  configurations: {
    columns: columns(
      "configuration_id:i name:t value:i minimum:i maximum:i value_in_use:i description:t is_dynamic:b is_advanced:b",
    ),
    rows: () =>
      CONFIGURATIONS.map(([id, name, value, minimum, maximum]) =>
        // The description is as long as the name says; every one of these takes effect at once.
        [id, name, value, minimum, maximum, value, name, 1, 1],
      ),
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
