import { setImmediate } from "node:timers/promises";
import type { Statement } from "../../syntax/statement.ts";
import { Escaped } from "../abort.ts";
import { isTrue } from "../evaluate.ts";
import { runAll, runGuarded, type Flow, type RunStatement } from "../run-statements.ts";
import { Cancelled, type Frame } from "../session-state.ts";

type Of<Kind extends Statement["kind"]> = Extract<Statement, { kind: Kind }>;

export async function runIf(frame: Frame, statement: Of<"if">, run: RunStatement): Promise<Flow> {
  if (isTrue(frame, statement.condition)) return runGuarded(frame, statement.then, run);
  return statement.otherwise === undefined ? "next" : runGuarded(frame, statement.otherwise, run);
}

/** After this many turns the loop lets others (and the client's attention) have their turn. */
const TURNS = 50;

export async function runWhile(frame: Frame, statement: Of<"while">, run: RunStatement): Promise<Flow> {
  for (let turn = 1; isTrue(frame, statement.condition); turn++) {
    const flow = await runGuarded(frame, statement.body, run);
    if (flow === "break") return "next";
    if (flow !== "next" && flow !== "continue") return flow;
    if (turn % TURNS === 0) await setImmediate();
    if (frame.signal.aborted) throw new Cancelled();
  }
  return "next";
}

export async function runTryCatch(frame: Frame, statement: Of<"tryCatch">, run: RunStatement): Promise<Flow> {
  frame.tryDepth++;
  try {
    const flow = await runAll(frame, statement.body, run);
    frame.tryDepth--;
    return flow;
  } catch (thrown) {
    frame.tryDepth--;
    if (!(thrown instanceof Escaped)) throw thrown;
    const outer = frame.caught;
    frame.caught = thrown.error;
    try {
      return await runAll(frame, statement.handler, run);
    } finally {
      frame.caught = outer;
    }
  }
}
