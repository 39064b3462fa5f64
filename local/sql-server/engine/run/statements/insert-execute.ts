import type { ResultSink, SqlColumn } from "../../../session.ts";
import type { Statement } from "../../syntax/statement.ts";
import { toStorage } from "../../types/values.ts";
import { requireInsert } from "../../rights/require.ts";
import { insertGiven } from "../../write/insert.ts";
import type { InsertValue } from "../../write/insert-rows.ts";
import type { RunStatement } from "../run-statements.ts";
import type { Frame } from "../session-state.ts";
import { reportChange } from "./data.ts";
import { runExecute, runExecuteText } from "./execute.ts";

/** INSERT … EXEC: the rows the procedure or text would have sent go into the table. */
export async function runInsertExecute(
  frame: Frame,
  statement: Extract<Statement, { kind: "insert" }>,
  run: RunStatement,
): Promise<void> {
  const { source } = statement;
  const rows: (readonly InsertValue[])[] = [];
  const inner: Frame = { ...frame, sink: collecting(frame.sink, rows) };
  if (source.kind === "execute") await runExecute(inner, source, run);
  else if (source.kind === "executeText") await runExecuteText(inner, source, run);
  const width = rows[0]?.length;
  if (width === undefined) {
    frame.sink.done(frame.session.options.noCount ? undefined : 0);
    return;
  }
  requireInsert(frame, statement.target);
  const written = await insertGiven(frame, statement, { source: "execute", width, rows });
  await reportChange(frame, written, statement.output);
}

function collecting(sink: ResultSink, rows: (readonly InsertValue[])[]): ResultSink {
  let columns: readonly SqlColumn[] = [];
  return {
    columns: (given) => {
      columns = given;
    },
    row: (values) => {
      const types = columns.map((column) => column.type);
      rows.push(
        values.map((value, index) => {
          const type = types[index] ?? ({ name: "int" } as const);
          return { value: toStorage(value, type), type };
        }),
      );
    },
    done: () => undefined,
    info: (message) => {
      sink.info(message);
    },
    error: (message) => {
      sink.error(message);
    },
    returnStatus: () => undefined,
    outputParameter: () => undefined,
    databaseChanged: (from, to) => {
      sink.databaseChanged(from, to);
    },
    transactionChanged: (change) => {
      sink.transactionChanged(change);
    },
  };
}
