import type { Statement } from "../../syntax/statement.ts";
import { INT } from "../../types/sql-type.ts";
import { evaluateAs } from "../evaluate.ts";
import type { Flow } from "../run-statements.ts";
import type { Frame } from "../session-state.ts";

/** RETURN [status]: NULL counts as 0. */
export function runReturn(frame: Frame, statement: Extract<Statement, { kind: "return" }>): Flow {
  if (statement.value !== undefined) frame.returnValue = Number(evaluateAs(frame, statement.value, INT) ?? 0);
  return "return";
}
