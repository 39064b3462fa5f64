/**
 * What tests of the worker may expect of the SQL Server they run against, as data: the tests themselves hold for every
 * one of them. `SQLFLEET_TEST_SQL` is a connection string; without it, tests start the stand-in of `local/`.
 * `SQLFLEET_TEST_ENGINE` names the profile of the server behind it: sqlServer (default) or azureSql.
 */
export interface EngineProfile {
  /** Absent: the stand-in. */
  readonly connectionString: string | undefined;
  /** Tests may cut links and raise errors inside the server, and read its counters. */
  readonly canBeDisturbed: boolean;
  /** An Entra access token the server takes; `SQLFLEET_TEST_TOKEN` for a real one. */
  readonly accessToken: string | undefined;
  /** What `SELECT @@VERSION` answers. */
  readonly version: RegExp;
  /** Error numbers. */
  readonly numbers: {
    readonly duplicateKey: number;
    readonly missingTable: number;
    readonly missingDatabase: number;
    readonly loginFailed: number;
  };
}

const numbers = { duplicateKey: 2627, missingTable: 208, missingDatabase: 4060, loginFailed: 18456 };

const profiles = {
  standIn: { canBeDisturbed: true, accessToken: "a-good-token", version: /Microsoft SQL Server /, numbers },
  sqlServer: { canBeDisturbed: false, accessToken: undefined, version: /Microsoft SQL Server /, numbers },
  azureSql: { canBeDisturbed: false, accessToken: undefined, version: /Microsoft SQL Azure /, numbers },
} as const;

function readProfile(environment: NodeJS.ProcessEnv): EngineProfile {
  const connectionString = environment["SQLFLEET_TEST_SQL"];
  if (connectionString === undefined || connectionString === "") {
    return { ...profiles.standIn, connectionString: undefined };
  }
  const name = environment["SQLFLEET_TEST_ENGINE"] ?? "sqlServer";
  if (name !== "sqlServer" && name !== "azureSql") throw new Error(`No engine profile '${name}'.`);
  return { ...profiles[name], connectionString, accessToken: environment["SQLFLEET_TEST_TOKEN"] };
}

export const engineProfile = readProfile(process.env);
