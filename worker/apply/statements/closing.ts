import { type JournalKey, toKeyParameters } from "./opening.ts";
import { type SqlParameter, toCall, toLiteral } from "./quote.ts";
import { loggingWidths } from "./tables.ts";

/** What all log rows of a run in one database have in common. */
export interface LogContext {
  readonly buildFileName: string;
  readonly buildProjectHash: string;
  readonly buildRequestedBy: string;
  readonly runWithVersion: string;
  readonly targetDatabase: string;
  readonly description: string;
}

/** One script that ran. */
export interface LogRow {
  readonly fileName: string;
  readonly scriptId: string;
  readonly hash: string;
  readonly sequence: number;
  readonly text: string;
  readonly tag: string;
  /** Milliseconds before the row is written at which the script began and ended. */
  readonly startedAgo: number;
  readonly endedAgo: number;
}

/** Number of our own errors, thrown by the closing statements. */
export const brokenTransaction = 51_001;
export const openTransaction = 51_002;

interface Closing {
  readonly key: JournalKey;
  readonly step: number;
  /** none: the script ran without a transaction; log row and journal still go together. */
  readonly ending: "commit" | "rollback" | "none";
  readonly context: LogContext;
  readonly rows: readonly LogRow[];
}

/** SQL Server takes 2,100 parameters per statement; a row needs 3. It takes 1,000 rows after one VALUES. */
const rowsPerBatch = 500;

/**
 * The last round trip of a transaction: log rows, journal, COMMIT, in one batch. (More than {@link rowsPerBatch} scripts
 * need more batches before it.) XACT_ABORT holds for this batch alone and turns any failure in it into a full rollback:
 * COMMIT is never reached with a row missing. It stands in the inner statement, with COMMIT: an inner statement that does
 * not compile is an error XACT_ABORT does not hear, after which an outer COMMIT would be next. That statement must end
 * with as many open transactions as it began with, else SQL Server answers error 266: hence the empty BEGIN
 * TRANSACTION, which the closing of the connection ends.
 */
export function planClosing({ key, step, ending, context, rows }: Closing): readonly string[] {
  const chunks = toChunks(rows, rowsPerBatch);
  return chunks.map((chunk, index) => {
    const isLast = index === chunks.length - 1;
    const statement = [
      "SET NOCOUNT ON;",
      "SET XACT_ABORT ON;",
      ...(index === 0 ? [toTransactionCheck(ending)] : []),
      ...(chunk.length > 0 ? [toInsert(context, chunk)] : []),
      ...(isLast ? [toJournalUpdate(step), ...endings[ending]] : []),
    ].join("\n");
    return toCall(statement, [
      ...toKeyParameters(key),
      { name: "database", type: "nvarchar(128)", value: cut(context.targetDatabase, "TargetDatabase") },
      ...chunk.flatMap(toParameters),
    ]);
  });
}

const endings = {
  commit: ["COMMIT TRANSACTION;", "BEGIN TRANSACTION;"],
  rollback: ["ROLLBACK TRANSACTION;", "BEGIN TRANSACTION;"],
  none: ["COMMIT TRANSACTION;"],
} as const;

/**
 * A script that leaves a transaction open, or ends ours, would make COMMIT mean something else. Ours can be gone though
 * one is open (ROLLBACK, then BEGIN): then the journal's row is gone too, or the whole journal, when we had just made it.
 */
function toTransactionCheck(ending: Closing["ending"]): string {
  const leftOpen = `THROW ${openTransaction}, N'A script left a transaction open.', 1;`;
  if (ending === "none") return `IF @@TRANCOUNT > 0 ${leftOpen}\nBEGIN TRANSACTION;`;
  return [
    "IF @@TRANCOUNT <> 1 OR OBJECT_ID(N'dbo.SqlFleet_Journal', N'U') IS NULL",
    `IF @@TRANCOUNT > 1 ${leftOpen}`,
    `ELSE THROW ${brokenTransaction}, ${broken}, 1;`,
  ].join("\n");
}

const broken = "N'A script ended the transaction around it; what it did until then may have stayed.'";

function toJournalUpdate(step: number): string {
  return (
    "UPDATE dbo.SqlFleet_Journal SET State = N'committed', At = SYSUTCDATETIME() " +
    `WHERE RunId = @runId AND TargetId = @targetId AND Step = ${step} AND State = N'running';\n` +
    `IF @@ROWCOUNT <> 1 THROW ${brokenTransaction}, ${broken}, 1;`
  );
}

function toInsert(context: LogContext, rows: readonly LogRow[]): string {
  return (
    "INSERT INTO dbo.SqlBuild_Logging (BuildFileName, ScriptFileName, ScriptId, ScriptFileHash, CommitDate, " +
    "Sequence, UserId, AllowScriptBlock, ScriptText, Tag, TargetDatabase, RunWithVersion, BuildProjectHash, " +
    `BuildRequestedBy, ScriptRunStart, ScriptRunEnd, Description) VALUES\n${rows
      .map((row, place) => toValues(context, row, place))
      .join(",\n")};`
  );
}

/** In the order of the columns. The login's name is a secret, so UserId is ours; who asked is in BuildRequestedBy. */
function toValues(context: LogContext, row: LogRow, place: number): string {
  const ago = (name: string): string => `DATEADD(millisecond, -@${name}${place}, GETDATE())`;
  const values = [
    toLiteral(cut(context.buildFileName, "BuildFileName")),
    toLiteral(cut(row.fileName, "ScriptFileName")),
    toLiteral(row.scriptId),
    toLiteral(cut(row.hash, "ScriptFileHash")),
    "GETDATE()",
    row.sequence,
    "N'sqlfleet'",
    1,
    `CAST(@text${place} AS varchar(max))`,
    toLiteral(cut(row.tag, "Tag")),
    "@database",
    toLiteral(cut(context.runWithVersion, "RunWithVersion")),
    toLiteral(cut(context.buildProjectHash, "BuildProjectHash")),
    toLiteral(cut(context.buildRequestedBy, "BuildRequestedBy")),
    ago("start"),
    ago("end"),
    toLiteral(cut(context.description, "Description")),
  ];
  return `(${values.join(", ")})`;
}

function toParameters(row: LogRow, place: number): SqlParameter[] {
  return [
    { name: `text${place}`, type: "nvarchar(max)", value: row.text },
    { name: `start${place}`, type: "int", value: row.startedAgo },
    { name: `end${place}`, type: "int", value: row.endedAgo },
  ];
}

function cut(value: string, column: keyof typeof loggingWidths): string {
  return value.slice(0, loggingWidths[column]);
}

function toChunks<T>(items: readonly T[], size: number): readonly (readonly T[])[] {
  if (items.length === 0) return [[]];
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  );
}
