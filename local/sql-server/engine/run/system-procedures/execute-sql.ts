import { parseBatch, parseParameters } from "../../parser/parse-batch.ts";
import type { Argument, CallResult } from "../procedure-call.ts";
import { bindParameters, giveBack } from "../parameters.ts";
import type { RunStatement } from "../run-statements.ts";
import { openFrame, runScope } from "../run-scope.ts";
import type { Frame } from "../session-state.ts";
import { textOf } from "./call.ts";

/** sp_executesql @statement, @parameters, values …: a scope of its own with the values as variables. */
export async function executeSql(
  frame: Frame,
  values: readonly Argument[],
  run: RunStatement,
): Promise<CallResult> {
  const [text, declarations, ...rest] = values;
  const statements = parseBatch(textOf(text?.value, ""));
  const parameters = parseParameters(textOf(declarations?.value, ""));
  const inner = openFrame(frame, { variables: new Map(), procedure: frame.procedure, chained: false });
  bindParameters(inner, "sp_executesql", parameters, rest);
  const flow = await runScope(inner, statements, run);
  giveBack(parameters, rest, inner.variables);
  return { status: inner.returnValue ?? 0, flow: flow === "endBatch" ? "endBatch" : "next" };
}
