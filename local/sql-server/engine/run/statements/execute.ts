import { sqlError, undeclaredVariable } from "../../errors.ts";
import { parseWrittenName } from "../../catalog/lookup.ts";
import { parseBatch } from "../../parser/parse-batch.ts";
import type { ObjectName } from "../../syntax/expression.ts";
import type { ExecuteArgument, ExecuteStatement, Statement } from "../../syntax/statement.ts";
import { convert } from "../../types/convert.ts";
import { INT } from "../../types/sql-type.ts";
import { callProcedure } from "../call-procedure.ts";
import { evaluate } from "../evaluate.ts";
import type { Argument } from "../procedure-call.ts";
import { openFrame, runScope } from "../run-scope.ts";
import type { Flow, RunStatement } from "../run-statements.ts";
import type { Frame } from "../session-state.ts";

type ExecuteText = Extract<Statement, { kind: "executeText" }>;

/** EXEC procedure: its status goes to @rc, its outputs to the variables given. */
export async function runExecute(
  frame: Frame,
  statement: Omit<ExecuteStatement, "kind">,
  run: RunStatement,
): Promise<Flow> {
  const values = statement.arguments.map((argument) => toArgument(frame, argument));
  const { status, flow } = await callProcedure(frame, nameOf(frame, statement.name), values, run);
  if (statement.result !== undefined) {
    const variable = frame.variables.get(statement.result.toLowerCase());
    if (variable === undefined) throw undeclaredVariable(statement.result);
    variable.value = convert(status, INT, variable.type);
  }
  return flow;
}

/** EXEC @name: the variable holds the procedure's name. */
function nameOf(frame: Frame, name: ObjectName): ObjectName {
  if (!name.name.startsWith("@")) return name;
  return parseWrittenName(String(frame.variables.get(name.name.toLowerCase())?.value ?? ""));
}

/** @throws SqlError 137, 179 (OUTPUT of something that is no variable) */
function toArgument(frame: Frame, { name, value: expression, output }: ExecuteArgument): Argument {
  if (expression.kind === "default") return { name, value: null, type: INT, isDefault: true };
  const { value, type } = evaluate(frame, expression);
  if (!output) return { name, value, type };
  const variable =
    expression.kind === "variable" ? frame.variables.get(expression.name.toLowerCase()) : undefined;
  if (variable === undefined) {
    const message = "Cannot use the OUTPUT option when passing a constant to a stored procedure.";
    throw sqlError(message, { number: 179, class: 15 });
  }
  const receive: Argument["receive"] = (result, resultType) => {
    variable.value = convert(result, resultType, variable.type);
  };
  return { name, value, type, receive };
}

/** EXEC ('text'): a scope of its own. */
export async function runExecuteText(
  frame: Frame,
  statement: Pick<ExecuteText, "value">,
  run: RunStatement,
): Promise<Flow> {
  const { value } = evaluate(frame, statement.value);
  if (value === null) return "next";
  const inner = openFrame(frame, { variables: new Map(), procedure: frame.procedure, chained: false });
  const flow = await runScope(inner, parseBatch(String(value)), run);
  return flow === "endBatch" ? "endBatch" : "next";
}
