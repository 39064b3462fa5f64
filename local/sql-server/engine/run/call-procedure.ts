import type { ProcedureObject } from "../catalog/model.ts";
import { findObject, writtenName } from "../catalog/lookup.ts";
import { missingProcedure, sqlError } from "../errors.ts";
import { parseBatch } from "../parser/parse-batch.ts";
import { requirePermission } from "../rights/require.ts";
import type { ObjectName } from "../syntax/expression.ts";
import { bindParameters, giveBack } from "./parameters.ts";
import type { Argument, CallResult } from "./procedure-call.ts";
import { currentView } from "./connections.ts";
import { openFrame, runScope } from "./run-scope.ts";
import type { Flow, RunStatement } from "./run-statements.ts";
import type { Frame, Variable } from "./session-state.ts";
import { runInDatabase } from "./statements/elsewhere.ts";
import { findSystemProcedure } from "./system-procedures/find.ts";

/**
 * Calls a procedure of the database or one of the system's; one of another database (`other..sp_tables`) runs there.
 * @throws SqlError 229, 2812, 201, 8144, 8145, 916
 */
export async function callProcedure(
  frame: Frame,
  name: ObjectName,
  values: readonly Argument[],
  run: RunStatement,
): Promise<CallResult> {
  if (name.database === "") return callHere(frame, name, values, run);
  const database = frame.session.server.databases.find(name.database);
  if (database === undefined) throw missingProcedure(writtenName(name));
  return runInDatabase(frame, database, () => callHere(frame, name, values, run));
}

async function callHere(
  frame: Frame,
  name: ObjectName,
  values: readonly Argument[],
  run: RunStatement,
): Promise<CallResult> {
  const system = findSystemProcedure(name);
  if (system !== undefined) return system(frame, values, run);
  const found = findObject(currentView(frame.session), name);
  if (found?.kind !== "procedure") throw missingProcedure(writtenName(name));
  requirePermission(frame, "EXECUTE", found);
  return callOwn(frame, found, values, run);
}

async function callOwn(
  frame: Frame,
  procedure: ProcedureObject,
  values: readonly Argument[],
  run: RunStatement,
): Promise<CallResult> {
  const [definition] = parseBatch(procedure.definition);
  if (definition?.kind !== "procedure") throw new Error(`not a procedure: ${procedure.name}`);
  const variables = new Map<string, Variable>();
  const inner = openFrame(frame, { variables, procedure: procedure.name, chained: true });
  bindParameters(inner, procedure.name, definition.parameters, values);
  const before = frame.session.transaction?.count ?? 0;
  const flow = await runScope(inner, definition.body, run);
  giveBack(definition.parameters, values, variables);
  requireSameCount(frame, before, flow);
  return {
    status: inner.returnValue ?? (flow === "endScope" ? -6 : 0),
    flow: flow === "endBatch" ? "endBatch" : "next",
  };
}

/** @throws SqlError 266 */
function requireSameCount(frame: Frame, before: number, flow: Flow): void {
  const now = frame.session.transaction?.count ?? 0;
  if (now === before || flow === "endBatch") return;
  const message = `Transaction count after EXECUTE indicates a mismatching number of BEGIN and COMMIT statements. Previous count = ${before}, current count = ${now}.`;
  throw sqlError(message, { number: 266, state: 2 });
}
