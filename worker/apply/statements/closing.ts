import type { SqlParameter } from "../sql/session.ts";
import type { JournalKey } from "./opening.ts";
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

export interface SqlCall {
  readonly statement: string;
  readonly parameters: readonly SqlParameter[];
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

/** SQL Server takes 2,100 parameters per call; a row needs 8. */
const rowsPerCall = 200;

/**
 * The last round trip of a transaction: log rows, journal, COMMIT, in one call. (More than {@link rowsPerCall} scripts
 * need more calls before it.) XACT_ABORT holds for this call alone and turns any failure in it into a full rollback:
 * COMMIT is never reached with a row missing. Each call ends with as many open transactions as it began with, else SQL
 * Server answers error 266: hence the empty BEGIN TRANSACTION, which the closing of the connection ends.
 */
export function planClosing({ key, step, ending, context, rows }: Closing): readonly SqlCall[] {
  const chunks = toChunks(rows, rowsPerCall);
  return chunks.map((chunk, index) => {
    const isLast = index === chunks.length - 1;
    const statement = [
      "SET XACT_ABORT ON;",
      ...(index === 0 ? [toTransactionCheck(ending)] : []),
      ...chunk.map((_row, place) => toInsert(place)),
      ...(isLast ? [journalUpdate, ...endings[ending]] : []),
    ].join("\n");
    const journal = isLast ? toJournalParameters(key, step) : [];
    const logged =
      chunk.length > 0 ? [...toContextParameters(context), ...chunk.flatMap(toRowParameters)] : [];
    return { statement, parameters: [...logged, ...journal] };
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
  const expected = ending === "none" ? 0 : 1;
  const leftOpen = `IF @@TRANCOUNT > ${expected} THROW ${openTransaction}, N'A script left a transaction open.', 1;`;
  if (ending === "none") return `${leftOpen}\nBEGIN TRANSACTION;`;
  const isGone = "@@TRANCOUNT = 0 OR OBJECT_ID(N'dbo.SqlFleet_Journal', N'U') IS NULL";
  return `${leftOpen}\nIF ${isGone} THROW ${brokenTransaction}, ${broken}, 1;`;
}

const broken = "N'A script ended the transaction around it; what it did until then may have stayed.'";

const journalUpdate =
  "UPDATE dbo.SqlFleet_Journal SET State = N'committed', At = SYSUTCDATETIME() " +
  "WHERE RunId = @runId AND TargetId = @targetId AND Step = @step AND State = N'running';\n" +
  `IF @@ROWCOUNT <> 1 THROW ${brokenTransaction}, ${broken}, 1;`;

function toJournalParameters(key: JournalKey, step: number): SqlParameter[] {
  return [text("runId", key.runId), text("targetId", key.targetId), int("step", step)];
}

function toInsert(place: number): string {
  const ago = (name: string): string => `DATEADD(millisecond, -@${name}${place}, GETDATE())`;
  return (
    "INSERT INTO dbo.SqlBuild_Logging (BuildFileName, ScriptFileName, ScriptId, ScriptFileHash, CommitDate, " +
    "Sequence, UserId, AllowScriptBlock, ScriptText, Tag, TargetDatabase, RunWithVersion, BuildProjectHash, " +
    "BuildRequestedBy, ScriptRunStart, ScriptRunEnd, Description) VALUES (@buildFile, " +
    `@file${place}, @id${place}, @hash${place}, GETDATE(), @sequence${place}, @user, 1, CAST(@text${place} AS varchar(max)), ` +
    `@tag${place}, @database, @version, @buildHash, @requestedBy, ${ago("start")}, ${ago("end")}, @description);`
  );
}

function toContextParameters(context: LogContext): SqlParameter[] {
  return [
    text("buildFile", cut(context.buildFileName, "BuildFileName")),
    // The login's name is a secret; who asked for the run is in BuildRequestedBy.
    text("user", "sqlfleet"),
    text("database", cut(context.targetDatabase, "TargetDatabase")),
    text("version", cut(context.runWithVersion, "RunWithVersion")),
    text("buildHash", cut(context.buildProjectHash, "BuildProjectHash")),
    text("requestedBy", cut(context.buildRequestedBy, "BuildRequestedBy")),
    text("description", cut(context.description, "Description")),
  ];
}

function toRowParameters(row: LogRow, place: number): SqlParameter[] {
  return [
    text(`file${place}`, cut(row.fileName, "ScriptFileName")),
    { name: `id${place}`, type: "guid", value: row.scriptId },
    text(`hash${place}`, cut(row.hash, "ScriptFileHash")),
    int(`sequence${place}`, row.sequence),
    text(`text${place}`, row.text),
    text(`tag${place}`, cut(row.tag, "Tag")),
    int(`start${place}`, row.startedAgo),
    int(`end${place}`, row.endedAgo),
  ];
}

const text = (name: string, value: string): SqlParameter => ({ name, type: "text", value });
const int = (name: string, value: number): SqlParameter => ({ name, type: "int", value });

function cut(value: string, column: keyof typeof loggingWidths): string {
  return value.slice(0, loggingWidths[column]);
}

function toChunks<T>(items: readonly T[], size: number): readonly (readonly T[])[] {
  if (items.length === 0) return [[]];
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  );
}
