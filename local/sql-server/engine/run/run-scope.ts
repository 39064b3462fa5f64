import { sqlError } from "../errors.ts";
import type { TableObject } from "../catalog/model.ts";
import { storageName } from "../translate/from.ts";
import type { Statement } from "../syntax/statement.ts";
import { checkNames } from "./check-names.ts";
import { connectionTo } from "./connections.ts";
import { runAll, type Flow, type RunStatement } from "./run-statements.ts";
import type { Frame, SessionState, Variable } from "./session-state.ts";

const DEEPEST = 32;

export interface ScopeFacts {
  readonly variables: Map<string, Variable>;
  /** "" keeps the caller's name, for EXEC of text. */
  readonly procedure: string;
  /** Its statements are a procedure's own. */
  readonly chained: boolean;
}

/** A scope inside another one. @throws SqlError 217 beyond 32 levels. */
export function openFrame(parent: Frame, { variables, procedure, chained }: ScopeFacts): Frame {
  if (parent.depth >= DEEPEST) {
    const message = "Maximum stored procedure, function, trigger, or view nesting level exceeded (limit 32).";
    throw sqlError(message, { number: 217 });
  }
  return {
    session: parent.session,
    sink: parent.sink,
    signal: parent.signal,
    variables,
    procedure,
    chained,
    parent,
    depth: parent.depth + 1,
    tryDepth: 0,
    caught: undefined,
    scopeIdentity: null,
    returnValue: undefined,
  };
}

/** Runs a scope's statements; SET options and temporary tables made inside end with it. */
export async function runScope(
  frame: Frame,
  statements: readonly Statement[],
  run: RunStatement,
): Promise<Flow> {
  const { session } = frame;
  const { options, temporary } = session;
  checkNames(frame, statements);
  try {
    return await runAll(frame, statements, run);
  } finally {
    session.options = options;
    dropTemporary(session, (table) => temporary.get(table.name.toLowerCase())?.id !== table.id);
  }
}

/** Table variables (`@t`) end with the batch, `#t` made in a procedure with the procedure. */
export function dropTemporary(session: SessionState, ends: (table: TableObject) => boolean): void {
  if (session.temporary.size === 0) return;
  const kept = new Map<string, TableObject>();
  for (const [name, table] of session.temporary) {
    if (ends(table)) connectionTo(session).exec(`DROP TABLE IF EXISTS ${storageName(table)}`);
    else kept.set(name, table);
  }
  session.temporary = kept;
}
