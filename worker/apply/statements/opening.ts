import { toLiteral } from "./quote.ts";
import { ensureTables, loggingColumnCount, loggingColumnNames } from "./tables.ts";

/** The row of the journal an attempt writes. */
export interface JournalKey {
  readonly runId: string;
  readonly targetId: string;
  readonly workerId: string;
  readonly packageHash: string;
}

interface Opening {
  readonly key: JournalKey;
  /** Milliseconds to wait for another runner to let go of the database. */
  readonly lockTimeout: number;
  /** Scripts that must not run twice: which of them ran before? */
  readonly onceOnly: readonly string[];
  /** The whole package is one transaction: begin it, and the journal's row with it. */
  readonly begin: boolean;
}

/**
 * The first round trip: the lock, and everything there is to know before the first script. The lock belongs to the
 * session, so it outlives the transaction and ends with the connection, however that ends: whoever gets it can trust
 * what the journal says.
 *
 * What differs from target to target stands outside the inner statement, so that the server compiles that once and
 * not for each target; BEGIN TRANSACTION stands outside because sp_executesql must end with the transactions it began
 * with.
 */
export function toOpening({ key, lockTimeout, onceOnly, begin }: Opening): string {
  const inner = [
    "DECLARE @lock int;",
    "EXEC @lock = sp_getapplock @Resource = N'sqlfleet', @LockMode = N'Exclusive', @LockOwner = N'Session', " +
      "@LockTimeout = @timeout;",
    "SELECT @lock AS AppLock, OBJECT_ID(N'dbo.SqlFleet_Journal', N'U') AS Journal, " +
      "(SELECT COUNT(*) FROM sys.columns WHERE object_id = OBJECT_ID(N'dbo.SqlBuild_Logging', N'U') " +
      `AND name IN (${loggingColumnNames.map(toLiteral).join(", ")})) AS LoggingColumns;`,
    "IF OBJECT_ID(N'dbo.SqlFleet_Journal', N'U') IS NOT NULL",
    `SELECT Step, State FROM dbo.SqlFleet_Journal WHERE ${whereKey};`,
    "ELSE SELECT 0 AS Step, N'' AS State WHERE 1 = 0;",
    ...(onceOnly.length > 0 ? [toRanBefore(onceOnly)] : []),
    ...(begin ? [journalStart] : []),
  ].join("\n");
  const call =
    `EXEC sp_executesql ${toLiteral(inner)}, N'@timeout int, @runId varchar(40), @targetId varchar(10), ` +
    `@workerId nvarchar(200), @packageHash varchar(64)', @timeout = ${lockTimeout}, ${toArguments(key)};`;
  return begin ? `BEGIN TRANSACTION;\n${call}` : call;
}

function toArguments({ runId, targetId, workerId, packageHash }: JournalKey): string {
  return Object.entries({ runId, targetId, workerId, packageHash })
    .map(([name, value]) => `@${name} = ${toLiteral(value)}`)
    .join(", ");
}

/** The batch is compiled before it runs, but a statement on a table that is not there only when it is reached. */
function toRanBefore(scriptIds: readonly string[]): string {
  return [
    "IF OBJECT_ID(N'dbo.SqlBuild_Logging', N'U') IS NOT NULL",
    "SELECT DISTINCT ScriptId FROM dbo.SqlBuild_Logging " +
      `WHERE AllowScriptBlock = 1 AND ScriptId IN (${scriptIds.map(toLiteral).join(", ")});`,
    "ELSE SELECT N'' AS ScriptId WHERE 1 = 0;",
  ].join("\n");
}

const whereKey = "RunId = @runId AND TargetId = @targetId";

/**
 * The package's row, only where nothing is in the way; `readOpening` decides the same from the same facts. The row is
 * written first and marked committed last, so it also shows when a script has ended the transaction in between.
 */
const journalStart = [
  "IF @lock >= 0 AND OBJECT_ID(N'dbo.SqlFleet_Journal', N'U') IS NOT NULL",
  `IF NOT EXISTS (SELECT 1 FROM dbo.SqlFleet_Journal WHERE ${whereKey})`,
  "INSERT INTO dbo.SqlFleet_Journal (RunId, TargetId, Step, State, WorkerId, PackageHash, At)",
  "VALUES (@runId, @targetId, 0, 'running', @workerId, @packageHash, SYSUTCDATETIME());",
].join("\n");

/** What the opening answered. */
export interface OpeningFacts {
  /** Below 0: another runner has the database (`sp_getapplock`: -1 timeout, -2 cancelled, -3 deadlock victim). */
  readonly lock: number;
  readonly tables: "ready" | "incomplete";
  readonly hasJournal: boolean;
  /** State of each step this target's earlier attempts wrote. */
  readonly journal: ReadonlyMap<number, string>;
  /** Lower-case ids of once-only scripts that were committed before. */
  readonly ranBefore: ReadonlySet<string>;
}

export function readOpening(sets: readonly (readonly (readonly unknown[])[])[]): OpeningFacts {
  const [facts, journal, ranBefore] = sets;
  const [lock, journalTable, columns] = facts?.[0] ?? [];
  return {
    lock: Number(lock),
    hasJournal: journalTable !== null,
    tables: journalTable !== null && Number(columns) === loggingColumnCount ? "ready" : "incomplete",
    journal: new Map(journal?.map(([step, state]) => [Number(step), String(state)])),
    ranBefore: new Set(ranBefore?.map(([scriptId]) => String(scriptId).toLowerCase())),
  };
}

/** For a database that meets the product for the first time, or after an upgrade; otherwise not sent. */
export function toEnsureTables(key: JournalKey, insertRow: boolean): string {
  return insertRow ? `${ensureTables}\n${toJournalInsert(key, 0)}` : ensureTables;
}

/** Begins one script's own transaction (or none), when the package is not one. */
export function toBeginStep(key: JournalKey, step: number, transaction: boolean): string {
  return [...(transaction ? ["BEGIN TRANSACTION;"] : []), toJournalInsert(key, step)].join("\n");
}

function toJournalInsert(key: JournalKey, step: number): string {
  const values = [
    toLiteral(key.runId),
    toLiteral(key.targetId),
    step,
    "N'running'",
    toLiteral(key.workerId),
    toLiteral(key.packageHash),
    "SYSUTCDATETIME()",
  ];
  return (
    "INSERT INTO dbo.SqlFleet_Journal (RunId, TargetId, Step, State, WorkerId, PackageHash, At) " +
    `VALUES (${values.join(", ")});`
  );
}
