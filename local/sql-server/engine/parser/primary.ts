import type { Storage, Expression } from "../syntax/expression.ts";
import type { SqlType } from "../../session.ts";
import { parseExact, toStored } from "../types/exact.ts";
import type { Token } from "../lexer/token.ts";
import type { Cursor } from "./cursor.ts";
import { parseCall, startsCall } from "./function-call.ts";

/** A literal, variable, column, call, CASE or subquery. */
export function parsePrimary(cursor: Cursor): Expression {
  const { token } = cursor;
  switch (token.kind) {
    case "string":
    case "number":
    case "binary":
      cursor.next();
      return toLiteral(token);
    case "variable":
      cursor.next();
      return { kind: "variable", name: token.text, line: token.line };
    case "operator":
      if (token.value !== "(") throw cursor.unexpected();
      return { kind: "subquery", query: cursor.parenthesized(() => cursor.query()) };
    case "word":
    case "quoted":
      return parseWord(cursor);
    case "end":
      throw cursor.unexpected();
  }
}

function parseWord(cursor: Cursor): Expression {
  if (cursor.accept("NULL")) return { kind: "literal", value: null, type: { name: "int" } };
  if (cursor.accept("DEFAULT")) return { kind: "default" };
  if (cursor.accept("CASE")) return parseCase(cursor);
  if (cursor.accept("EXISTS")) {
    return { kind: "exists", query: cursor.parenthesized(() => cursor.query()) };
  }
  return startsCall(cursor) ? parseCall(cursor) : parseColumn(cursor);
}

function parseColumn(cursor: Cursor): Expression {
  const { line } = cursor;
  const parts = [cursor.identifier()];
  while (cursor.accept(".")) parts.push(cursor.isNext(".") ? "" : cursor.identifier());
  if (cursor.isNext("(")) throw cursor.unsupported(`user-defined functions ('${parts.join(".")}')`);
  return { kind: "column", parts, line };
}

function parseCase(cursor: Cursor): Expression {
  const input = cursor.isNext("WHEN") ? undefined : cursor.expression();
  const branches: { when: Expression; then: Expression }[] = [];
  while (cursor.accept("WHEN")) {
    const when = input === undefined ? cursor.condition() : cursor.expression();
    cursor.expect("THEN");
    branches.push({ when, then: cursor.expression() });
  }
  const otherwise = cursor.accept("ELSE") ? cursor.expression() : undefined;
  cursor.expect("END");
  return {
    kind: "case",
    branches,
    ...(input === undefined ? {} : { input }),
    ...(otherwise === undefined ? {} : { otherwise }),
  };
}

function toLiteral(token: Token): Expression {
  if (token.kind === "number") return { kind: "literal", ...numberLiteral(token.value) };
  if (token.kind === "binary") return { kind: "literal", ...binaryLiteral(token.value.slice(2)) };
  const national = token.text.startsWith("N") || token.text.startsWith("n");
  const length = Math.max(1, token.value.length);
  const type: SqlType = {
    name: national ? "nvarchar" : "varchar",
    length: length > (national ? 4000 : 8000) ? "max" : length,
  };
  return { kind: "literal", value: token.value, type };
}

function numberLiteral(text: string): { value: Storage; type: SqlType } {
  if (/e/i.test(text)) return { value: Number(text), type: { name: "float" } };
  const value = Number(text);
  if (!text.includes(".") && value <= 2147483647) return { value, type: { name: "int" } };
  return exactLiteral(text);
}

/** With a point, or too large for int. */
function exactLiteral(text: string): { value: Storage; type: SqlType } {
  const [whole = "", fraction = ""] = text.split(".");
  const precision = Math.max(1, whole.replace(/^0+/, "").length + fraction.length);
  const value = toStored(parseExact(text) ?? { digits: 0n, scale: 0 });
  return { value, type: { name: "decimal", precision, scale: fraction.length } };
}

function binaryLiteral(hex: string): { value: Storage; type: SqlType } {
  const value = Uint8Array.from(Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, "hex"));
  return { value, type: { name: "varbinary", length: Math.max(1, value.length) } };
}
