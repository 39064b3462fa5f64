import type { Located, Statement } from "../syntax/statement.ts";
import { parseAlterDatabase, parseCreateDatabase, parseCreateSchema } from "./database.ts";
import { parseAlterTable } from "./alter-table.ts";
import { parseBegin, parseIf, parseReturn, parseWaitfor, parseWhile } from "./control-flow.ts";
import { parseCreateIndex } from "./create-index.ts";
import { parseCreateTable } from "./create-table.ts";
import type { Cursor } from "./cursor.ts";
import { parseDeclare } from "./declare.ts";
import { parseDelete } from "./delete.ts";
import { parseDrop } from "./drop.ts";
import { parseExecute, parseExecuteName } from "./execute.ts";
import { parseInsert } from "./insert.ts";
import { parseModule, startsModule } from "./module.ts";
import { parseObjectName } from "./object-name.ts";
import { parsePermission } from "./permission.ts";
import { parseAlterPrincipal, parseCreatePrincipal } from "./principal.ts";
import { parseWith } from "./query.ts";
import { parsePrint, parseRaiserror, parseThrow } from "./raise.ts";
import { parseSet } from "./set.ts";
import { parseCommit, parseRollback, parseSave } from "./transaction.ts";
import { parseUpdate } from "./update.ts";

type Body = Statement extends infer S ? (S extends Located ? Omit<S, keyof Located> : never) : never;

const RULES: Readonly<Record<string, (cursor: Cursor) => Body>> = {
  ALTER: parseAlter,
  BEGIN: parseBegin,
  BREAK: (cursor) => word(cursor, "break"),
  COMMIT: parseCommit,
  CONTINUE: (cursor) => word(cursor, "continue"),
  CREATE: parseCreate,
  DECLARE: parseDeclare,
  DELETE: parseDelete,
  DENY: parsePermission,
  DROP: parseDrop,
  EXEC: parseExecute,
  EXECUTE: parseExecute,
  GRANT: parsePermission,
  IF: parseIf,
  INSERT: parseInsert,
  PRINT: parsePrint,
  RAISERROR: parseRaiserror,
  RETURN: parseReturn,
  REVOKE: parsePermission,
  ROLLBACK: parseRollback,
  SAVE: parseSave,
  SELECT: (cursor) => ({ kind: "select", query: cursor.query() }),
  SET: parseSet,
  THROW: parseThrow,
  TRUNCATE: parseTruncate,
  UPDATE: parseUpdate,
  USE: parseUse,
  WAITFOR: parseWaitfor,
  WHILE: parseWhile,
  WITH: parseCommonTables,
  "(": (cursor) => ({ kind: "select", query: cursor.query() }),
};

/** Statements that packages do contain but the stand-in cannot run. */
const UNSUPPORTED = new Set(
  `MERGE DBCC BACKUP RESTORE BULK OPEN CLOSE FETCH DEALLOCATE GOTO KILL CHECKPOINT RECONFIGURE
REVERT SHUTDOWN READTEXT WRITETEXT UPDATETEXT ENABLE DISABLE`.split(/\s+/),
);

/** One statement, with its line and text. @throws SqlError 102, 156, 40515 … */
export function parseStatement(cursor: Cursor): Statement {
  const { line, start, value, kind } = cursor.token;
  const first = cursor.mark() === 0;
  const rule = kind === "word" || value === "(" ? RULES[value] : undefined;
  const body = rule === undefined ? parseOther(cursor, first) : rule(cursor);
  const text = cursor.textFrom(start);
  cursor.accept(";");
  return { ...body, line, text };
}

/** The first statement of a batch may be a procedure's name without EXEC. */
function parseOther(cursor: Cursor, first: boolean): Body {
  if (cursor.isNext(";")) return { kind: "empty" };
  const { token } = cursor;
  if (token.kind === "word" && UNSUPPORTED.has(token.value)) throw cursor.unsupported(`'${token.value}'`);
  if (first && cursor.isIdentifier()) return parseExecuteName(cursor, undefined);
  throw cursor.unexpected();
}

function parseCreate(cursor: Cursor): Body {
  if (startsModule(cursor)) return parseModule(cursor);
  if (cursor.accept("CREATE", "TABLE")) return parseCreateTable(cursor);
  if (cursor.accept("CREATE", "SCHEMA")) return parseCreateSchema(cursor);
  if (cursor.accept("CREATE", "DATABASE")) return parseCreateDatabase(cursor);
  const principal = parseCreatePrincipal(cursor);
  if (principal !== undefined) return principal;
  cursor.expect("CREATE");
  return parseCreateIndex(cursor);
}

function parseAlter(cursor: Cursor): Body {
  if (startsModule(cursor)) return parseModule(cursor);
  if (cursor.accept("ALTER", "TABLE")) return parseAlterTable(cursor);
  if (cursor.accept("ALTER", "DATABASE")) return parseAlterDatabase(cursor);
  const principal = parseAlterPrincipal(cursor);
  if (principal !== undefined) return principal;
  throw cursor.unsupported(`'ALTER ${cursor.peek(1).text}'`);
}

function parseCommonTables(cursor: Cursor): Body {
  const tables = parseWith(cursor);
  if (cursor.isOneOf("SELECT", "(")) {
    const query = cursor.query();
    return { kind: "select", query: { ...query, with: tables } };
  }
  if (cursor.isNext("INSERT")) return { ...parseInsert(cursor), with: tables };
  if (cursor.isNext("UPDATE")) return { ...parseUpdate(cursor), with: tables };
  if (cursor.isNext("DELETE")) return { ...parseDelete(cursor), with: tables };
  throw cursor.isNext("MERGE") ? cursor.unsupported("'MERGE'") : cursor.unexpected();
}

function parseTruncate(cursor: Cursor): Body {
  cursor.expect("TRUNCATE", "TABLE");
  return { kind: "truncate", target: parseObjectName(cursor) };
}

function parseUse(cursor: Cursor): Body {
  cursor.expect("USE");
  return { kind: "use", database: cursor.identifier() };
}

function word(cursor: Cursor, kind: "break" | "continue"): Body {
  cursor.next();
  return { kind };
}
