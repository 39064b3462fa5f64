import type { SqlType } from "../../session.ts";
import type { Connection, Row } from "../storage/connection.ts";
import type { Expression, Storage } from "../syntax/expression.ts";
import { convert } from "../types/convert.ts";
import { planExpression, type Plan } from "../translate/plan.ts";
import type { PlanParameter } from "../translate/translation.ts";
import { requireReads } from "../rights/require.ts";
import { visibleView } from "../rights/visible-view.ts";
import { connectionTo } from "./connections.ts";
import { readFact, systemFacts } from "./facts.ts";
import { planOnce } from "./plan-cache.ts";
import type { Frame } from "./session-state.ts";

export interface TypedValue {
  readonly value: Storage;
  readonly type: SqlType;
}

/** The connection a plan needs, with this frame as what its functions see. @throws SqlError 229 */
export function connectionFor(frame: Frame, plan: Plan): Connection {
  const { session } = frame;
  requireReads(frame, plan);
  const connection = plan.state.usesDatabase ? connectionTo(session) : session.server.scratch;
  prepareContext(frame, connection);
  return connection;
}

function prepareContext(frame: Frame, connection: Connection): void {
  const view = visibleView(frame.session);
  connection.context = { view, fact: (name, ...values) => readFact(frame, name, ...values) };
}

export function fillParameters(frame: Frame, plan: Pick<Plan, "parameters">, slots: Row = []): Row {
  return plan.parameters.map((parameter) => fill(frame, parameter, slots));
}

function fill(frame: Frame, parameter: PlanParameter, slots: Row): Storage {
  switch (parameter.kind) {
    case "variable":
      return frame.variables.get(parameter.name)?.value ?? null;
    case "fact":
      return readFact(frame, parameter.name);
    case "constant":
      return parameter.value;
    case "systemView":
      return JSON.stringify(parameter.view.rows(systemFacts(frame)));
    case "slot":
      return slots[parameter.index] ?? null;
  }
}

/** All rows of a plan, at once. */
export function rowsOf(frame: Frame, plan: Plan, slots: Row = []): readonly Row[] {
  return connectionFor(frame, plan).all(plan.sql, fillParameters(frame, plan, slots));
}

export function evaluate(frame: Frame, expression: Expression): TypedValue {
  if (expression.kind === "literal") return { value: expression.value, type: expression.type };
  const plan = planOnce(frame, expression, (view, variables) => planExpression(view, variables, expression));
  const [row] = rowsOf(frame, plan);
  return { value: row?.[0] ?? null, type: plan.columns[0]?.type ?? { name: "int" } };
}

/** Evaluates and converts, as an assignment does. */
export function evaluateAs(frame: Frame, expression: Expression, type: SqlType): Storage {
  const result = evaluate(frame, expression);
  return convert(result.value, result.type, type);
}

/** NULL is not true. */
export function isTrue(frame: Frame, condition: Expression): boolean {
  return Number(evaluate(frame, condition).value ?? 0) !== 0;
}
