import { define } from "../../define/define.ts";
import type { Statement } from "../../syntax/statement.ts";
import { type Flow, type RunStatement, runAll } from "../run-statements.ts";
import type { Frame } from "../session-state.ts";
import { write } from "../transactions.ts";
import { runDatabaseStatement, runUse } from "./databases.ts";
import { runChange, runTruncate } from "./data.ts";
import { runIf, runTryCatch, runWhile } from "./control.ts";
import { runExecute, runExecuteText } from "./execute.ts";
import { runInsertExecute } from "./insert-execute.ts";
import { runPrint, runRaiserror, runThrow } from "./messages.ts";
import { runSetOption } from "./options.ts";
import { runReturn } from "./return.ts";
import { runSelect } from "./select.ts";
import { runTransaction } from "./transaction.ts";
import { runDeclare, runSetVariable } from "./variables.ts";
import { runWaitfor } from "./waitfor.ts";

type Of<Kind extends Statement["kind"]> = Extract<Statement, { kind: Kind }>;

const FLOW_KINDS = new Set([
  "block",
  "if",
  "while",
  "tryCatch",
  "return",
  "break",
  "continue",
  "execute",
  "executeText",
]);

/** Runs one statement of any kind. @throws SqlError, Raised, Cancelled */
export const runStatement: RunStatement = async (frame, statement) => {
  if (FLOW_KINDS.has(statement.kind)) return runFlow(frame, statement);
  await runLeaf(frame, statement);
  frame.session.errorNumber = 0;
  return "next";
};

async function runFlow(frame: Frame, statement: Statement): Promise<Flow> {
  switch (statement.kind) {
    case "block":
      return runAll(frame, statement.body, runStatement);
    case "if":
      return runIf(frame, statement, runStatement);
    case "while":
      return runWhile(frame, statement, runStatement);
    case "tryCatch":
      return runTryCatch(frame, statement, runStatement);
    case "return":
      return runReturn(frame, statement);
    case "execute":
      return runExecute(frame, statement, runStatement);
    case "executeText":
      return runExecuteText(frame, statement, runStatement);
    case "break":
    case "continue":
      return statement.kind;
    default:
      return "next";
  }
}

async function runLeaf(frame: Frame, statement: Statement): Promise<void> {
  switch (statement.kind) {
    case "select":
      return runSelect(frame, statement.query);
    case "insert":
      if (isExecute(statement.source)) return runInsertExecute(frame, statement, runStatement);
      return runChange(frame, statement);
    case "update":
    case "delete":
      return runChange(frame, statement);
    case "truncate":
      return runTruncate(frame, statement.target);
    case "declare":
      return runDeclare(frame, statement);
    case "waitfor":
      return runWaitfor(frame, statement);
    default:
      return runSmall(frame, statement);
  }
}

function isExecute({ kind }: Of<"insert">["source"]): boolean {
  return kind === "execute" || kind === "executeText";
}

async function runSmall(frame: Frame, statement: Statement): Promise<void> {
  switch (statement.kind) {
    case "setVariable":
      runSetVariable(frame, statement);
      return;
    case "setOption":
      runSetOption(frame, statement);
      return;
    case "print":
      runPrint(frame, statement);
      return;
    case "raiserror":
      runRaiserror(frame, statement);
      return;
    case "throw":
      return runThrow(frame, statement);
    case "use":
      runUse(frame, statement.database);
      return;
    case "beginTransaction":
    case "commit":
    case "rollback":
    case "saveTransaction":
      runTransaction(frame, statement);
      return;
    default:
      return runDefinition(frame, statement);
  }
}

async function runDefinition(frame: Frame, statement: Statement): Promise<void> {
  switch (statement.kind) {
    case "createDatabase":
    case "alterDatabase":
    case "dropDatabase":
      runDatabaseStatement(frame, statement);
      return;
    case "createTable":
    case "alterTable":
    case "drop":
    case "createIndex":
    case "dropIndex":
    case "view":
    case "procedure":
    case "createSchema":
      await write(frame.session, frame.signal, (connection) => {
        define(frame, connection, statement);
      });
      if (frame.session.transaction !== undefined) frame.session.transaction.forgetIdentities = true;
      frame.sink.done(undefined);
      return;
    default:
  }
}
