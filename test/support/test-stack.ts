import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import mssql from "mssql";
import { root } from "../../local/root.ts";
import { startStack, type Stack, type StackOptions } from "../../local/stack.ts";

export interface TestStack extends Stack {
  readonly folder: string;
  /** Everything the Functions host logged. */
  readonly output: readonly string[];
  /** One call of the API; the body parsed where it is JSON. */
  call(
    method: string,
    path: string,
    body?: string | Uint8Array,
    headers?: Readonly<Record<string, string>>,
  ): Promise<Reply>;
  /** Uploads one script as a package. */
  upload(name: string, sql: string): Promise<void>;
  /** Starts a run over the first `count` databases; @returns its id. */
  start(packageName: string, count: number, document?: Readonly<Record<string, unknown>>): Promise<string>;
  /** Polls the run until `done` says so. */
  until(runId: string, done: (run: RunReply) => boolean, seconds?: number): Promise<RunReply>;
  /** One query in one database, as the databases' owner. */
  query(database: Database, sql: string): Promise<readonly Readonly<Record<string, unknown>>[]>;
  readonly databases: readonly Database[];
}

interface Database {
  readonly server: string;
  readonly name: string;
}

interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  // Tests look into answers of many shapes.
  readonly body: Record<string, unknown>;
}

export interface RunReply {
  readonly id: string;
  readonly state: string;
  readonly targets: Readonly<Record<string, number>>;
  readonly workers: { readonly lost: number; readonly losses: readonly Readonly<Record<string, unknown>>[] };
  readonly failure?: { readonly code: string; readonly message: string };
}

interface Options {
  readonly databases: number;
  readonly servers?: number;
  readonly settings?: Readonly<Record<string, string>>;
  /** Every service is opened by identity, and runs log in to the databases by identity. */
  readonly identityOnly?: boolean;
  readonly workerCertificate?: StackOptions["workerCertificate"];
  /** Glob of other modules than functions/*.ts. */
  readonly app?: string;
}

/** A stack of its own in a folder of its own, with the secrets stored. Stop it in afterAll. */
export async function startTestStack(options: Options): Promise<TestStack> {
  const { databases, servers = 2, settings, identityOnly = false, workerCertificate, app } = options;
  const folder = await mkdtemp(join(tmpdir(), "sqlfleet-"));
  const output: string[] = [];
  const stack = await startStack({
    ...{ root, folder, databases, servers, identityOnly },
    port: 0,
    sqlPort: 0,
    setupSql: await readFile(join(root, "examples", "tenant.sql"), "utf8"),
    // Tests look more often than pipelines do.
    settings: { RATE_LIMIT_READS: "100000", RATE_LIMIT_ACTIONS: "100000", ...settings },
    ...(app && { app }),
    ...(workerCertificate && { workerCertificate }),
    log: (line) => output.push(line),
    onFailure: (reason) => output.push(`FAILED ${reason}`),
  });
  const call = createCall(stack);
  if (!identityOnly) await call("PUT", "/secrets", JSON.stringify(stack.file.secrets));
  const auth = { kind: identityOnly ? "ManagedIdentity" : "Password" };
  const all = stack.file.sql.flatMap(({ server, databases: names }) =>
    names.map((name) => ({ server, name })),
  );
  const read = async (runId: string): Promise<RunReply> =>
    (await call("GET", `/runs/${runId}`)).body as unknown as RunReply;

  return {
    ...stack,
    ...{ folder, output, call, databases: all },
    upload: async (name, sql) => {
      const reply = await call("PUT", `/packages/${name}`, sql);
      if (reply.status !== 200) throw new Error(reply.text);
    },
    start: async (packageName, count, document = {}) => {
      const cfg = all
        .slice(0, count)
        .map(({ server, name }) => `${server}:client,${name}`)
        .join("\n");
      const reply = await call(
        "POST",
        "/runs",
        JSON.stringify({ package: packageName, targets: { cfg }, auth, ...document }),
      );
      if (reply.status !== 202) throw new Error(reply.text);
      return String(reply.body["id"]);
    },
    until: (runId, done, seconds = 60) => poll(() => read(runId), done, seconds),
    query: (database, sql) => query(stack, database, sql),
    stop: async () => {
      await stack.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export const isOver = ({ state }: RunReply): boolean =>
  ["succeeded", "completedWithErrors", "failed", "cancelled"].includes(state);

/** Looks until `done`; throws with what it saw last. */
export async function poll<T>(
  look: () => Promise<T> | T,
  done: (seen: T) => boolean,
  seconds: number,
): Promise<T> {
  const end = Date.now() + seconds * 1_000;
  for (;;) {
    const seen = await look();
    if (done(seen)) return seen;
    if (Date.now() > end) throw new Error(`Not there after ${seconds} s: ${JSON.stringify(seen)}`);
    await wait(100);
  }
}

function createCall({ file }: Stack): TestStack["call"] {
  return async (method, path, body, headers = {}) => {
    const response = await fetch(`${file.api}${path}`, {
      method,
      headers: { "x-functions-key": file.functionKey, ...headers },
      ...(body !== undefined && { body: typeof body === "string" ? body : Buffer.from(body) }),
    });
    const text = await response.text();
    const isJson = response.headers.get("content-type")?.includes("json") ?? false;
    const parsed = isJson ? (JSON.parse(text) as Record<string, unknown>) : {};
    return { status: response.status, headers: response.headers, text, body: parsed };
  };
}

async function query(
  { file }: Stack,
  { server, name }: Database,
  sql: string,
): ReturnType<TestStack["query"]> {
  const login = file.sql.find((each) => each.server === server);
  const [host = "", port = "1433"] = server.split(",");
  const pool = await new mssql.ConnectionPool({
    server: host,
    port: Number(port),
    database: name,
    user: login?.user ?? "",
    password: login?.password ?? "",
    pool: { max: 1, min: 0 },
    options: { encrypt: true, cryptoCredentialsDetails: { ca: await readFile(file.ca, "utf8") } },
  }).connect();
  try {
    const { recordset } = (await pool.query(sql)) as {
      recordset?: readonly Readonly<Record<string, unknown>>[];
    };
    return recordset ?? [];
  } finally {
    await pool.close();
  }
}
