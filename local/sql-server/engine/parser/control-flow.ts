import type { ControlStatement, Statement, TransactionStatement } from "../syntax/statement.ts";
import type { Cursor } from "./cursor.ts";
import { parseBeginTransaction } from "./transaction.ts";

type Of<Kind extends ControlStatement["kind"]> = Extract<ControlStatement, { kind: Kind }>;

/** BEGIN TRANSACTION, BEGIN TRY, or a block. */
export function parseBegin(cursor: Cursor): TransactionStatement | Of<"tryCatch"> | Of<"block"> {
  if (cursor.isNext("BEGIN", "TRAN") || cursor.isNext("BEGIN", "TRANSACTION"))
    return parseBeginTransaction(cursor);
  if (cursor.isNext("BEGIN", "DISTRIBUTED")) throw cursor.unsupported("distributed transactions");
  if (cursor.accept("BEGIN", "TRY")) return parseTryCatch(cursor);
  cursor.expect("BEGIN");
  const body = parseUntilEnd(cursor);
  if (body.length === 0) throw cursor.unexpected();
  cursor.expect("END");
  return { kind: "block", body };
}

function parseTryCatch(cursor: Cursor): Of<"tryCatch"> {
  const body = parseUntilEnd(cursor);
  cursor.expect("END", "TRY");
  cursor.accept(";");
  cursor.expect("BEGIN", "CATCH");
  const handler = parseUntilEnd(cursor);
  cursor.expect("END", "CATCH");
  return { kind: "tryCatch", body, handler };
}

function parseUntilEnd(cursor: Cursor): readonly Statement[] {
  const body: Statement[] = [];
  while (!cursor.isNext("END")) {
    if (cursor.accept(";")) continue;
    if (cursor.atEnd) throw cursor.unexpected();
    body.push(cursor.statement());
  }
  return body;
}

export function parseIf(cursor: Cursor): Of<"if"> {
  cursor.expect("IF");
  const condition = cursor.condition();
  const then = cursor.statement();
  if (!cursor.accept("ELSE")) return { kind: "if", condition, then };
  return { kind: "if", condition, then, otherwise: cursor.statement() };
}

export function parseWhile(cursor: Cursor): Of<"while"> {
  cursor.expect("WHILE");
  const condition = cursor.condition();
  return { kind: "while", condition, body: cursor.statement() };
}

const STARTS = new Set(["number", "string", "variable"]);

export function parseReturn(cursor: Cursor): Of<"return"> {
  cursor.expect("RETURN");
  const value = STARTS.has(cursor.token.kind) || cursor.isOneOf("(", "-", "CASE", "NULL");
  return value ? { kind: "return", value: cursor.expression() } : { kind: "return" };
}

export function parseWaitfor(cursor: Cursor): Of<"waitfor"> {
  cursor.expect("WAITFOR");
  if (cursor.accept("DELAY")) return { kind: "waitfor", until: "delay", value: cursor.expression() };
  if (cursor.accept("TIME")) return { kind: "waitfor", until: "time", value: cursor.expression() };
  throw cursor.isNext("(") ? cursor.unsupported("WAITFOR with a statement") : cursor.unexpected();
}
