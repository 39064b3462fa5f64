import {
  type ResultSink,
  SqlError,
  type SqlEngine,
  type SqlParameter,
  type SqlRequest,
  type SqlSession,
} from "../../../../local/sql-server/session.ts";

export interface ScriptedEngine extends SqlEngine {
  /** What sessions were asked to do, in order: "execute rows 3", "commit", "reset", "close". */
  readonly calls: readonly string[];
  /** Tokens the engine was given at login. */
  readonly accessTokens: readonly string[];
  readonly openSessions: number;
  /** Rows of `rows` commands that the wire took, over all sessions. */
  readonly rowsProduced: number;
}

interface Run {
  readonly sink: ResultSink;
  readonly signal: AbortSignal;
  readonly produced: Produced;
}

type Script = (argument: string, run: Run) => Promise<void> | void;

export const USER = "tester";
export const PASSWORD = "Pässw0rd!";

/**
 * Just enough of an engine to exercise the wire: batches are commands of its own (`rows 3`, `error 208`), and
 * sp_executesql answers its parameters as one row.
 */
export function createScriptedEngine(): ScriptedEngine {
  const calls: string[] = [];
  const produced = { rows: 0 };
  const accessTokens: string[] = [];
  let open = 0;
  let lastId = 50;
  return {
    calls,
    accessTokens,
    get rowsProduced() {
      return produced.rows;
    },
    get openSessions() {
      return open;
    },
    login({ user, password, accessToken, database }) {
      if (accessToken !== undefined) accessTokens.push(accessToken);
      else if (user !== USER || password !== PASSWORD) {
        throw new SqlError(`Login failed for user '${user}'.`, { number: 18456, class: 14 });
      }
      if (database === "missing") {
        throw new SqlError(`Cannot open database "missing" requested by the login. The login failed.`, {
          number: 4060,
          class: 11,
        });
      }
      open += 1;
      lastId += 1;
      const closed = (): void => {
        open -= 1;
      };
      return Promise.resolve(
        createSession({ id: lastId, database: database || "master", calls, produced, closed }),
      );
    },
    close: () => Promise.resolve(),
  };
}

/** How many rows `rows` made. */
interface Produced {
  rows: number;
}

interface SessionFacts {
  readonly id: number;
  readonly database: string;
  readonly calls: string[];
  readonly produced: Produced;
  readonly closed: () => void;
}

function createSession({ id, database, calls, produced, closed }: SessionFacts): SqlSession {
  let transactions = 0;
  const step = (name: string, change: () => void): Promise<void> => {
    calls.push(name);
    change();
    return Promise.resolve();
  };
  const end = (): void => {
    if (transactions === 0) throw new SqlError("There is no transaction.", { number: 3902 });
    transactions = 0;
  };
  return {
    id,
    database,
    get transactionCount() {
      return transactions;
    },
    execute(request, sink, signal) {
      calls.push(`execute ${request.kind === "batch" ? request.text : request.name}`);
      return Promise.resolve(execute(request, { sink, signal, produced }));
    },
    beginTransaction(isolation, name) {
      calls.push(`begin ${isolation} ${name}`.trimEnd());
      transactions += 1;
    },
    commitTransaction: () => step("commit", end),
    rollbackTransaction: (name) => step(`rollback ${name}`.trimEnd(), name === "" ? end : () => undefined),
    saveTransaction: (name) => step(`save ${name}`, () => undefined),
    reset: () =>
      step("reset", () => {
        transactions = 0;
      }),
    close: () => step("close", closed),
  };
}

function execute(request: SqlRequest, run: Run): Promise<void> | void {
  if (request.kind === "procedure") {
    executeProcedure(request.name, request.parameters, run.sink);
    return;
  }
  const [command = "", ...rest] = request.text.trim().split(" ");
  const script = scripts[command.toLowerCase()];
  if (script === undefined) throw new SqlError(`Could not find '${command}'.`, { number: 2812 });
  return script(rest.join(" "), run);
}

const scripts: Readonly<Record<string, Script>> = {
  // What tedious sends right after the login.
  set: (_argument, { sink }) => {
    sink.done(undefined);
  },
  rows: (argument, run) => rows(Number(argument), run),
  rowsthenwait: async (argument, run) => {
    await rows(Number(argument), run);
    await aborted(run.signal);
  },
  wait: (_argument, { signal }) => aborted(signal),
  statements: (argument, { sink }) => {
    for (let index = 1; index <= Number(argument); index++) {
      sink.columns([{ name: "n", type: { name: "int" }, nullable: false }]);
      void sink.row([index]);
      sink.done(1);
      sink.done(10 + index);
    }
  },
  print: (argument, { sink }) => {
    sink.info({ number: 0, class: 0, state: 1, message: argument, line: 1, procedure: "" });
    sink.done(undefined);
  },
  error: (argument, { sink }) => {
    sink.done(1);
    const [number = "", severity = "16"] = argument.split(" ");
    sink.error(
      new SqlError(`Error ${number}.`, { number: Number(number), class: Number(severity), line: 7 }),
    );
    sink.done(undefined);
    sink.done(2);
  },
  defect: () => {
    throw new TypeError("a defect");
  },
  begin: (_argument, { sink }) => {
    sink.transactionChanged("began");
    sink.done(undefined);
  },
  rollback: (_argument, { sink }) => {
    sink.transactionChanged("rolledBack");
    sink.done(undefined);
  },
  use: (argument, { sink }) => {
    sink.databaseChanged("master", argument);
    sink.done(undefined);
  },
};

async function rows(count: number, { sink, signal, produced }: Run): Promise<void> {
  sink.columns([
    { name: "id", type: { name: "int" }, nullable: false, identity: true },
    { name: "text", type: { name: "nvarchar", length: 100 }, nullable: true },
  ]);
  for (let id = 1; id <= count && !signal.aborted; id++) {
    await sink.row([id, id % 3 === 0 ? null : `row ${id}`]);
    produced.rows += 1;
  }
  sink.done(count);
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener("abort", () => {
      resolve();
    });
  });
}

/** Answers the values as a row; output parameters come back as they went in, doubled when they are whole. */
function executeProcedure(name: string, parameters: readonly SqlParameter[], sink: ResultSink): void {
  const [statement] = parameters;
  if (typeof statement?.value === "string" && statement.value.startsWith("INSERT INTO bad")) {
    sink.error(new SqlError("Duplicate.", { number: 2627 }));
    return;
  }
  if (name === "failing") throw new SqlError("It failed.", { number: 50001 });
  const values = name === "sp_executesql" ? parameters.slice(2) : parameters;
  sink.columns(values.map(({ name, type }) => ({ name: name.slice(1), type, nullable: true })));
  void sink.row(values.map(({ value }) => value));
  sink.done(1);
  for (const { name, type, value, output } of values) {
    if (output) sink.outputParameter(name, type, typeof value === "number" ? value * 2 : value);
  }
  if (name !== "sp_executesql") sink.returnStatus(42);
}
