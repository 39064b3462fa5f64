import {
  SqlError,
  type IsolationLevel,
  type ResultSink,
  type SqlParameter,
  type SqlRequest,
  type SqlSession,
} from "../../session.ts";
import { locate, noTransaction } from "../errors.ts";
import { parseBatch } from "../parser/parse-batch.ts";
import { parseWrittenName } from "../catalog/lookup.ts";
import type { Statement } from "../syntax/statement.ts";
import { toSqlValue, toStorage } from "../types/values.ts";
import { checkNames } from "./check-names.ts";
import { closeConnections } from "./connections.ts";
import type { Argument } from "./procedure-call.ts";
import { dropTemporary } from "./run-scope.ts";
import { endDoomed, runAll } from "./run-statements.ts";
import { Cancelled, DEFAULT_OPTIONS, type Frame, type SessionState } from "./session-state.ts";
import { callProcedure } from "./call-procedure.ts";
import { run } from "./statements/dispatch.ts";
import { releaseSessionLocks } from "./system-procedures/application-lock.ts";
import {
  beginTransaction,
  commitTransaction,
  rollbackAll,
  rollbackTransaction,
  saveTransaction,
} from "./transactions.ts";

/** The seam's session over the state of one connection. */
export function createSession(state: SessionState): SqlSession {
  const { server } = state;
  const strike = (moment: "before" | "after", text: string): void => {
    server.faults.strike(moment, state.database.name, text);
  };
  return {
    id: state.id,
    get database() {
      return state.database.name;
    },
    get transactionCount() {
      return state.transaction?.count ?? 0;
    },
    execute: (request, sink, signal) => execute(openTopFrame(state, sink, signal), request),
    beginTransaction(isolation: IsolationLevel, name: string) {
      state.options = { ...state.options, isolation };
      beginTransaction(state, name);
    },
    async commitTransaction() {
      if (state.transaction === undefined) throw locate(noTransaction("COMMIT"), 1, "");
      strike("before", "COMMIT TRANSACTION");
      commitTransaction(state);
      strike("after", "COMMIT TRANSACTION");
      return Promise.resolve();
    },
    async rollbackTransaction(savepoint: string) {
      rollbackTransaction(state, savepoint);
      return Promise.resolve();
    },
    async saveTransaction(savepoint: string) {
      saveTransaction(state, savepoint);
      return Promise.resolve();
    },
    async reset() {
      reset(state);
      return Promise.resolve();
    },
    async close() {
      if (!server.sessions.delete(state.id)) return;
      reset(state);
      state.database.users--;
      closeConnections(state);
      return Promise.resolve();
    },
  };
}

function reset(state: SessionState): void {
  rollbackAll(state);
  releaseSessionLocks(state);
  dropTemporary(state, () => true);
  state.options = DEFAULT_OPTIONS;
  state.database.users--;
  state.database = state.homeDatabase;
  state.database.users++;
  state.rowCount = 0;
  state.errorNumber = 0;
}

function openTopFrame(session: SessionState, sink: ResultSink, signal: AbortSignal): Frame {
  return {
    session,
    sink,
    signal,
    variables: new Map(),
    procedure: "",
    chained: false,
    parent: undefined,
    depth: 0,
    tryDepth: 0,
    caught: undefined,
    scopeIdentity: session.scopeIdentity,
    returnValue: undefined,
  };
}

/** One batch or one call; whatever happens is told to the sink. */
async function execute(frame: Frame, request: SqlRequest): Promise<void> {
  const { session } = frame;
  try {
    if (request.kind === "batch") await runBatch(frame, request.text);
    else await runCall(frame, request);
  } catch (thrown) {
    if (!(thrown instanceof Cancelled)) throw thrown;
    if (session.options.abortOnError && rollbackAll(session)) frame.sink.transactionChanged("rolledBack");
  }
  endDoomed(frame);
  session.scopeIdentity = frame.scopeIdentity;
  dropTemporary(session, (table) => table.name.startsWith("@"));
}

async function runBatch(frame: Frame, text: string): Promise<void> {
  const statements = compileOrTell(frame, text);
  if (statements !== undefined) await runAll(frame, statements, run);
}

/** A batch with a syntax error, or with a name that cannot be right, does not run at all. */
function compileOrTell(frame: Frame, text: string): readonly Statement[] | undefined {
  try {
    const statements = parseBatch(text);
    checkNames(frame, statements);
    return statements;
  } catch (thrown) {
    if (!(thrown instanceof SqlError)) throw thrown;
    frame.session.errorNumber = thrown.number;
    frame.sink.error(locate(thrown, 1, ""));
    frame.sink.done(undefined);
    return undefined;
  }
}

type ProcedureRequest = Extract<SqlRequest, { kind: "procedure" }>;

/** An RPC is a statement of its own, so its errors are told like any statement's. */
async function runCall(frame: Frame, request: ProcedureRequest): Promise<void> {
  const { sink } = frame;
  const values = request.parameters.map((parameter) => toArgument(sink, parameter));
  const call: Statement = { kind: "empty", line: 1, text: textOf(request) };
  await runAll(frame, [call], async () => {
    const { status, flow } = await callProcedure(frame, parseWrittenName(request.name), values, run);
    sink.returnStatus(status);
    return flow;
  });
}

/** For faults: what sp_executesql runs, or the procedure's name. */
function textOf({ name, parameters }: ProcedureRequest): string {
  return name.toLowerCase() === "sp_executesql"
    ? ""
    : `${name} ${parameters.map((one) => one.name).join(", ")}`;
}

function toArgument(sink: ResultSink, { name, output, type, value }: SqlParameter): Argument {
  const argument = { name, type, value: toStorage(value, type) };
  if (!output) return argument;
  return {
    ...argument,
    receive: (result, resultType) => {
      sink.outputParameter(name, resultType, toSqlValue(result, resultType));
    },
  };
}
