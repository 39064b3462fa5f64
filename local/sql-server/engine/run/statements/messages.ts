import { SqlError } from "../../../session.ts";
import { sqlError } from "../../errors.ts";
import type { Storage } from "../../syntax/expression.ts";
import type { Statement } from "../../syntax/statement.ts";
import { textOf } from "../../types/convert-text.ts";
import { Raised } from "../abort.ts";
import { evaluate, type TypedValue } from "../evaluate.ts";
import { formatMessage } from "../format-message.ts";
import type { Frame } from "../session-state.ts";
import { isNumber } from "../../types/sql-type.ts";

type Of<Kind extends Statement["kind"]> = Extract<Statement, { kind: Kind }>;

/** SQL Server cuts messages at this many characters. */
const PRINT_LIMIT = 8000;
const RAISE_LIMIT = 2047;

export function runPrint(frame: Frame, statement: Of<"print">): void {
  const { value, type } = evaluate(frame, statement.value);
  const message = value === null ? " " : textOf(value, type).slice(0, PRINT_LIMIT);
  const { line } = statement;
  frame.sink.info({ number: 0, class: 0, state: 1, message, line, procedure: frame.procedure });
  frame.sink.done(undefined);
}

/** Below severity 11 a message, else an error (50000, or the number of a message that does not exist: 18054). */
export function runRaiserror(frame: Frame, statement: Of<"raiserror">): void {
  const message = evaluate(frame, statement.message);
  const severity = Number(evaluate(frame, statement.severity).value ?? 0);
  const state = Math.min(255, Math.max(1, Math.abs(Number(evaluate(frame, statement.state).value ?? 1))));
  const values = statement.arguments.map((argument) => evaluate(frame, argument));
  if (isNumber(message.type)) throw unknownMessage(message.value, severity, state);
  const text = formatMessage(String(message.value ?? ""), values).slice(0, RAISE_LIMIT);
  const facts = {
    number: 50000,
    class: Math.max(0, severity),
    state,
    line: statement.line,
    procedure: frame.procedure,
  };
  if (severity > 10) throw new Raised(new SqlError(text, facts), "RAISERROR");
  frame.sink.info({ ...facts, number: statement.setError ? 50000 : 0, message: text });
  frame.session.errorNumber = statement.setError ? 50000 : 0;
  frame.sink.done(undefined);
}

function unknownMessage(number: Storage, severity: number, state: number): Error {
  const message = `Error ${String(number)}, severity ${severity}, state ${state} was raised, but no message with that error number was found in sys.messages. If error is larger than 50000, make sure the user-defined message is added using sp_addmessage.`;
  return new Raised(sqlError(message, { number: 18054 }), "RAISERROR");
}

/** @throws Raised; SqlError 35100 (bad number), 10704 (THROW alone outside CATCH) */
export function runThrow(frame: Frame, statement: Of<"throw">): never {
  if (statement.error === undefined) return rethrow(frame);
  const number = Number(evaluate(frame, statement.error.number).value ?? 0);
  const message: TypedValue = evaluate(frame, statement.error.message);
  const state = Number(evaluate(frame, statement.error.state).value ?? 1);
  if (number < 50000) {
    const text = `Error number ${number} in the THROW statement is outside the valid range. Specify an error number in the valid range of 50000 to 2147483647.`;
    throw sqlError(text, { number: 35100, state: 10 });
  }
  const { line } = statement;
  const facts = { number, class: 16, state, line, procedure: frame.procedure };
  throw new Raised(new SqlError(textOf(message.value, message.type), facts), "THROW");
}

function rethrow(frame: Frame): never {
  if (frame.caught !== undefined) throw new Raised(frame.caught, "THROW");
  const message =
    "To rethrow an error, a THROW statement must be used inside a CATCH block. Insert the THROW statement inside a CATCH block, or add error parameters to the THROW statement.";
  throw sqlError(message, { number: 10704, class: 15 });
}
