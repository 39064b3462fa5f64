import type { ControlStatement } from "../syntax/statement.ts";
import type { Expression } from "../syntax/expression.ts";
import type { Cursor } from "./cursor.ts";

type Of<Kind extends ControlStatement["kind"]> = Extract<ControlStatement, { kind: Kind }>;

export function parsePrint(cursor: Cursor): Of<"print"> {
  cursor.expect("PRINT");
  return { kind: "print", value: cursor.expression() };
}

/** RAISERROR (message, severity, state [, arguments]) [WITH NOWAIT, LOG, SETERROR]. */
export function parseRaiserror(cursor: Cursor): Of<"raiserror"> {
  cursor.expect("RAISERROR");
  const values = cursor.parenthesized(() => cursor.list(() => cursor.expression()));
  const [message, severity, state, ...rest] = values;
  if (message === undefined || severity === undefined || state === undefined) throw cursor.unexpected();
  const options = cursor.accept("WITH") ? cursor.list(() => cursor.identifier().toUpperCase()) : [];
  return {
    kind: "raiserror",
    message,
    severity,
    state,
    arguments: rest,
    setError: options.includes("SETERROR"),
  };
}

/** THROW number, message, state; or THROW alone inside CATCH. */
export function parseThrow(cursor: Cursor): Of<"throw"> {
  cursor.expect("THROW");
  if (cursor.token.kind !== "number" && cursor.token.kind !== "variable") return { kind: "throw" };
  const number = cursor.expression();
  cursor.expect(",");
  const message: Expression = cursor.expression();
  cursor.expect(",");
  return { kind: "throw", error: { number, message, state: cursor.expression() } };
}
