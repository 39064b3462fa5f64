import type { Statement } from "../../syntax/statement.ts";
import type { Flow, RunStatement } from "../run-statements.ts";
import { runAll } from "../run-statements.ts";
import type { Frame } from "../session-state.ts";
import { runIf, runTryCatch, runWhile } from "./control.ts";
import { runChange, runTruncate } from "./data.ts";
import { runAlterDatabase, runCreateDatabase, runDropDatabase, runUse } from "./databases.ts";
import { runDefinition } from "./definition.ts";
import { runWhereTablesAre } from "./elsewhere.ts";
import { runExecute, runExecuteText } from "./execute.ts";
import { runInsertExecute } from "./insert-execute.ts";
import { runAlterLogin, runCreateLogin } from "./logins.ts";
import { runPrint, runRaiserror, runThrow } from "./messages.ts";
import { runSetOption } from "./options.ts";
import { runPermission } from "./permissions.ts";
import { runChangeMember, runCreatePrincipal, runDropPrincipal } from "./principals.ts";
import { runReturn } from "./return.ts";
import { runSelect } from "./select.ts";
import { runTransaction } from "./transaction.ts";
import { runDeclare, runSetVariable } from "./variables.ts";
import { runWaitfor } from "./waitfor.ts";

type Kind = Statement["kind"];
type Of<K extends Kind> = Extract<Statement, { kind: K }>;

/** Statements that say where control goes. */
type FlowKind =
  "block" | "break" | "continue" | "execute" | "executeText" | "if" | "return" | "tryCatch" | "while";
type LeafKind = Exclude<Kind, FlowKind>;

const FLOWS: { readonly [K in FlowKind]: (frame: Frame, statement: Of<K>) => Promise<Flow> | Flow } = {
  block: (frame, { body }) => runAll(frame, body, runStatement),
  break: () => "break",
  continue: () => "continue",
  execute: (frame, statement) => runExecute(frame, statement, runStatement),
  executeText: (frame, statement) => runExecuteText(frame, statement, runStatement),
  if: (frame, statement) => runIf(frame, statement, runStatement),
  return: runReturn,
  tryCatch: (frame, statement) => runTryCatch(frame, statement, runStatement),
  while: (frame, statement) => runWhile(frame, statement, runStatement),
};

/** Statements after which the next one follows. */
const LEAVES: { readonly [K in LeafKind]: (frame: Frame, statement: Of<K>) => Promise<void> | void } = {
  alterDatabase: runAlterDatabase,
  alterLogin: runAlterLogin,
  alterTable: runDefinition,
  beginTransaction: runTransaction,
  changeMember: runChangeMember,
  commit: runTransaction,
  createDatabase: runCreateDatabase,
  createIndex: runDefinition,
  createLogin: runCreateLogin,
  createRole: runCreatePrincipal,
  createSchema: runDefinition,
  createTable: runDefinition,
  createUser: runCreatePrincipal,
  declare: runDeclare,
  delete: runChange,
  drop: runDefinition,
  dropDatabase: runDropDatabase,
  dropIndex: runDefinition,
  dropPrincipal: runDropPrincipal,
  empty: () => undefined,
  insert: (frame, statement) =>
    statement.source.kind === "execute" || statement.source.kind === "executeText"
      ? runInsertExecute(frame, statement, runStatement)
      : runChange(frame, statement),
  permission: runPermission,
  print: runPrint,
  procedure: runDefinition,
  raiserror: runRaiserror,
  rollback: runTransaction,
  saveTransaction: runTransaction,
  select: runSelect,
  setOption: runSetOption,
  setVariable: runSetVariable,
  throw: runThrow,
  truncate: (frame, { target }) => runTruncate(frame, target),
  update: runChange,
  use: (frame, { database }) => {
    runUse(frame, database);
  },
  view: runDefinition,
  waitfor: runWaitfor,
};

type AnyFlow = (frame: Frame, statement: Statement) => Promise<Flow> | Flow;
type AnyLeaf = (frame: Frame, statement: Statement) => Promise<void> | void;

/** Runs one statement of any kind. @throws SqlError, Raised, Cancelled */
async function runStatement(frame: Frame, statement: Statement): Promise<Flow> {
  // Each table has, for every kind, the runner of that kind.
  if (isFlow(statement.kind)) return (FLOWS[statement.kind] as AnyFlow)(frame, statement);
  const leaf = LEAVES[statement.kind] as AnyLeaf;
  await runWhereTablesAre(frame, statement, () => leaf(frame, statement));
  frame.session.errorNumber = 0;
  return "next";
}

function isFlow(kind: Kind): kind is FlowKind {
  return kind in FLOWS;
}

export const run: RunStatement = runStatement;
