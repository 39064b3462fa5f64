import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  createSqlEngine,
  type SqlEngineOptions,
  type TsqlEngine,
} from "../../../../local/sql-server/engine/engine.ts";
import type {
  LoginRequest,
  ResultSink,
  SqlColumn,
  SqlMessage,
  SqlParameter,
  SqlSession,
  SqlValue,
} from "../../../../local/sql-server/session.ts";

/** Everything one request answered. */
export interface Answer {
  readonly columns: (readonly SqlColumn[])[];
  /** One list of rows per result set. */
  readonly sets: (readonly SqlValue[])[][];
  readonly counts: (number | undefined)[];
  readonly messages: SqlMessage[];
  readonly errors: SqlMessage[];
  readonly outputs: Record<string, SqlValue>;
  readonly changes: string[];
  status: number | undefined;
}

export interface TestSession {
  readonly session: SqlSession;
  /** Runs a batch. */
  readonly batch: (text: string, signal?: AbortSignal) => Promise<Answer>;
  /** Runs a batch that must not fail, and gives its first result set. */
  readonly rows: (text: string) => Promise<readonly (readonly SqlValue[])[]>;
  readonly call: (name: string, parameters: readonly SqlParameter[]) => Promise<Answer>;
}

export interface TestEngine extends AsyncDisposable {
  readonly engine: TsqlEngine;
  /** As the administrator, or as somebody else. */
  connect(database?: string, who?: Who): Promise<TestSession>;
}

type Who = Partial<Pick<LoginRequest, "user" | "password" | "accessToken">>;

/** An engine on a folder of its own, or one that stays, with one database `app`. */
export async function openEngine(options: Partial<SqlEngineOptions> = {}): Promise<TestEngine> {
  const folder = options.folder ?? mkdtempSync(join(tmpdir(), "engine-"));
  const logins = [{ user: "sa", password: "secret" }];
  const engine = createSqlEngine({ serverName: "test-server", logins, ...options, folder });
  await engine.createDatabase("app");
  return {
    engine,
    connect: async (database = "app", who: Who = {}) =>
      wrap(
        await engine.login({
          user: "sa",
          password: "secret",
          database,
          applicationName: "tests",
          hostName: "here",
          ...who,
        }),
      ),
    async [Symbol.asyncDispose]() {
      await engine.close();
      if (options.folder === undefined) rmSync(folder, { recursive: true, force: true });
    },
  };
}

function wrap(session: SqlSession): TestSession {
  const run = async (
    request: Parameters<SqlSession["execute"]>[0],
    signal?: AbortSignal,
  ): Promise<Answer> => {
    const answer = newAnswer();
    await session.execute(request, toSink(answer), signal ?? new AbortController().signal);
    return answer;
  };
  return {
    session,
    batch: (text, signal) => run({ kind: "batch", text }, signal),
    rows: async (text) => {
      const answer = await run({ kind: "batch", text });
      const [error] = answer.errors;
      if (error !== undefined) throw new Error(`${error.number}: ${error.message}`);
      return answer.sets[0] ?? [];
    },
    call: (name, parameters) => run({ kind: "procedure", name, parameters }),
  };
}

function newAnswer(): Answer {
  return {
    columns: [],
    sets: [],
    counts: [],
    messages: [],
    errors: [],
    outputs: {},
    changes: [],
    status: undefined,
  };
}

function toSink(answer: Answer): ResultSink {
  return {
    columns(columns) {
      answer.columns.push(columns);
      answer.sets.push([]);
    },
    row(values) {
      answer.sets.at(-1)?.push(values);
    },
    done(rows) {
      answer.counts.push(rows);
    },
    info(message) {
      answer.messages.push(message);
    },
    error(message) {
      answer.errors.push(message);
    },
    returnStatus(value) {
      answer.status = value;
    },
    outputParameter(name, _type, value) {
      answer.outputs[name] = value;
    },
    databaseChanged(from, to) {
      answer.changes.push(`${from} -> ${to}`);
    },
    transactionChanged(change) {
      answer.changes.push(change);
    },
  };
}
