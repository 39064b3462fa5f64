import { type SqlParameter, toCall, toLiteral } from "./quote.ts";
import { ensureTables } from "./tables.ts";

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
  /** Ids of the scripts whose kind asks what was committed before. */
  readonly tracked: readonly string[];
  /** The whole package is one transaction: begin it, and the journal's row with it. */
  readonly begin: boolean;
}

/**
 * The first round trip: the lock, and everything there is to know before the first script. The lock belongs to the
 * session, so it outlives the transaction and ends with the connection, however that ends: whoever gets it can trust
 * what the journal says.
 *
 * BEGIN TRANSACTION stands outside the inner statement because sp_executesql must end with the transactions it began
 * with.
 */
export function toOpening({ key, lockTimeout, tracked, begin }: Opening): string {
  const inner = [
    "SET NOCOUNT ON;",
    "DECLARE @lock int;",
    "EXEC @lock = sp_getapplock @Resource = N'sqlfleet', @LockMode = N'Exclusive', @LockOwner = N'Session', " +
      `@LockTimeout = ${lockTimeout};`,
    "DECLARE @journal int = OBJECT_ID(N'dbo.SqlFleet_Journal', N'U'), " +
      "@updateability nvarchar(20) = CAST(DATABASEPROPERTYEX(DB_NAME(), N'Updateability') AS nvarchar(20));",
    "SELECT @lock AS AppLock, @journal AS Journal, OBJECT_ID(N'dbo.SqlBuild_Logging', N'U') AS Logging, " +
      `@updateability AS Updateability, ${mayCreate} AS MayCreate, ${mayWrite} AS MayWrite;`,
    "IF @journal IS NULL SELECT 0 AS Step, N'' AS State WHERE 1 = 0;",
    "ELSE BEGIN",
    `SELECT Step, State FROM dbo.SqlFleet_Journal WHERE ${whereKey};`,
    ...(begin ? [toJournalStart(key)] : []),
    "END;",
    ...(tracked.length > 0 ? [toCommitted(tracked)] : []),
  ].join("\n");
  const call = toCall(inner, toKeyParameters(key));
  return begin ? `BEGIN TRANSACTION;\n${call}` : call;
}

/** Pre-flight, in the words of the server; 0: the login may not. A table that is not there yet asks for nothing. */
const mayCreate = toLeast(["DB_NAME()", "DATABASE", "CREATE TABLE"], ["N'dbo'", "SCHEMA", "ALTER"]);
const mayWrite = toLeast(
  ["N'dbo.SqlBuild_Logging'", "OBJECT", "INSERT"],
  ["N'dbo.SqlFleet_Journal'", "OBJECT", "INSERT"],
  ["N'dbo.SqlFleet_Journal'", "OBJECT", "UPDATE"],
);

function toLeast(
  ...permissions: readonly (readonly [of: string, type: string, permission: string])[]
): string {
  return permissions
    .map(([of, type, permission]) => `ISNULL(HAS_PERMS_BY_NAME(${of}, N'${type}', N'${permission}'), 1)`)
    .join(" * ");
}

/**
 * With which texts the scripts were committed, the last commit last. A table of old may lack AllowScriptBlock, and the
 * server refuses a whole batch that names a missing column of a table that is there: hence a statement of its own.
 */
function toCommitted(scriptIds: readonly string[]): string {
  const select = (condition: string): string =>
    `SELECT ScriptId, ScriptFileHash FROM dbo.SqlBuild_Logging WHERE ${condition}ScriptId IN ` +
    `(${scriptIds.map(toLiteral).join(", ")}) GROUP BY ScriptId, ScriptFileHash ORDER BY MAX(CommitDate);`;
  return [
    "IF COL_LENGTH(N'dbo.SqlBuild_Logging', N'AllowScriptBlock') IS NOT NULL",
    `EXEC sp_executesql ${toLiteral(select("ISNULL(AllowScriptBlock, 1) = 1 AND "))};`,
    "ELSE IF OBJECT_ID(N'dbo.SqlBuild_Logging', N'U') IS NOT NULL",
    select(""),
    "ELSE SELECT N'' AS ScriptId, N'' AS ScriptFileHash WHERE 1 = 0;",
  ].join("\n");
}

const whereKey = "RunId = @runId AND TargetId = @targetId";

/** Typed like the journal's columns: compared with an nvarchar, a varchar column's index is of no use. */
export function toKeyParameters({ runId, targetId }: JournalKey): readonly SqlParameter[] {
  return [
    { name: "runId", type: "varchar(40)", value: runId },
    { name: "targetId", type: "varchar(10)", value: targetId },
  ];
}

/**
 * The package's row, only where nothing is in the way; `readOpening` decides the same from the same facts. The row is
 * written first and marked committed last, so it also shows when a script has ended the transaction in between.
 */
function toJournalStart({ workerId, packageHash }: JournalKey): string {
  const values = ["@runId", "@targetId", 0, "N'running'", toLiteral(workerId), toLiteral(packageHash)];
  return [
    `INSERT INTO dbo.SqlFleet_Journal (${journalColumns})`,
    `SELECT ${values.join(", ")}, SYSUTCDATETIME() WHERE @lock >= 0 AND @updateability = N'READ_WRITE'`,
    `AND NOT EXISTS (SELECT 1 FROM dbo.SqlFleet_Journal WHERE ${whereKey});`,
  ].join("\n");
}

const journalColumns = "RunId, TargetId, Step, State, WorkerId, PackageHash, At";

/** Hashes each script was committed with in a database, by lower-case script id; the last commit's at the end. */
export type CommittedHashes = ReadonlyMap<string, readonly string[]>;

/** What the opening answered. */
export interface OpeningFacts {
  /** Below 0: another runner has the database (`sp_getapplock`: -1 timeout, -2 cancelled, -3 deadlock victim). */
  readonly lock: number;
  readonly tables: "ready" | "incomplete";
  readonly hasJournal: boolean;
  /** State of each step this target's earlier attempts wrote. */
  readonly journal: ReadonlyMap<number, string>;
  readonly committed: CommittedHashes;
  /** The database takes changes: it is neither set to read-only nor a read-only replica. */
  readonly isWritable: boolean;
  readonly mayCreateTables: boolean;
  /** Also where the tables are yet to be made. */
  readonly mayWriteTables: boolean;
}

export function readOpening(sets: readonly (readonly (readonly unknown[])[])[]): OpeningFacts {
  const [facts, journal, committed] = sets;
  const [lock, journalTable, loggingTable, updateability, mayCreate, mayWrite] = facts?.[0] ?? [];
  return {
    lock: Number(lock),
    hasJournal: journalTable !== null,
    // The journal is made last: where it is, the log table has its columns.
    tables: journalTable !== null && loggingTable !== null ? "ready" : "incomplete",
    journal: new Map(journal?.map(([step, state]) => [Number(step), String(state)])),
    committed: toCommittedHashes(committed ?? []),
    isWritable: updateability === "READ_WRITE",
    mayCreateTables: mayCreate !== 0,
    mayWriteTables: mayWrite !== 0,
  };
}

function toCommittedHashes(rows: readonly (readonly unknown[])[]): CommittedHashes {
  const hashes = new Map<string, string[]>();
  for (const [scriptId, hash] of rows) {
    const id = String(scriptId).toLowerCase();
    hashes.set(id, [...(hashes.get(id) ?? []), typeof hash === "string" ? hash : ""]);
  }
  return hashes;
}

/** For a database that meets the product for the first time, or after an upgrade; otherwise not sent. */
export function toEnsureTables(key: JournalKey, insertRow: boolean): string {
  return insertRow ? `${ensureTables}\n${toJournalInsert(key, 0)}` : ensureTables;
}

/**
 * Begins one script's own transaction (or none), when the package is not one. After another script there is one open
 * and empty, which its closing had to leave (`planClosing`).
 */
export function toBeginStep(key: JournalKey, step: number, transaction: boolean): string {
  const begin = transaction ? ["IF @@TRANCOUNT = 0 BEGIN TRANSACTION;"] : [];
  return [...begin, toJournalInsert(key, step)].join("\n");
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
  return `INSERT INTO dbo.SqlFleet_Journal (${journalColumns}) VALUES (${values.join(", ")});`;
}
