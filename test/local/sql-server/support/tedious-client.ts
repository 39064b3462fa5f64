import { Connection, type ConnectionConfiguration, Request, type RequestError } from "tedious";

/** One statement's end as a client sees it. */
export interface Answer {
  readonly sets: readonly (readonly unknown[][])[];
  /** Row counts as they were told, statement by statement; undefined = no count. */
  readonly counts: readonly (number | undefined)[];
  readonly outputs: Readonly<Record<string, unknown>>;
  readonly status: number | undefined;
  readonly error: RequestError | undefined;
}

/** What a test asks for; the rest of tedious' configuration has defaults fit for loopback. */
export interface ClientOptions {
  readonly port: number;
  readonly server?: string;
  readonly user?: string;
  readonly password?: string;
  readonly database?: string;
  readonly authentication?: ConnectionConfiguration["authentication"];
  readonly options?: ConnectionConfiguration["options"];
}

const open = new WeakSet<Connection>();

export async function connect(options: ClientOptions): Promise<Connection> {
  const connection = new Connection(toConfiguration(options));
  await new Promise<void>((resolve, reject) => {
    connection.connect((error) => {
      if (error === undefined) resolve();
      else reject(error);
    });
  });
  open.add(connection);
  connection.once("end", () => open.delete(connection));
  connection.on("error", () => {
    // A cut connection: the request in flight tells.
  });
  return connection;
}

function toConfiguration({
  port,
  server,
  user,
  password,
  database,
  ...rest
}: ClientOptions): ConnectionConfiguration {
  const authentication = rest.authentication ?? {
    type: "default",
    options: { userName: user ?? "", password: password ?? "" },
  };
  return {
    server: server ?? "127.0.0.1",
    authentication,
    options: {
      port,
      encrypt: false,
      connectTimeout: 5_000,
      requestTimeout: 10_000,
      ...(database !== undefined && { database }),
      ...rest.options,
    },
  };
}

/** Runs a batch as it is (SQLBATCH). */
export function batch(connection: Connection, text: string): Promise<Answer> {
  return run(text, (request) => {
    connection.execSqlBatch(request);
  });
}

/** Runs any request; `prepare` adds parameters, `send` hands it to the connection. Never rejects. */
export function run(
  text: string,
  send: (request: Request) => void,
  prepare?: (request: Request) => void,
): Promise<Answer> {
  return new Promise((resolve) => {
    const sets: unknown[][][] = [];
    const counts: (number | undefined)[] = [];
    const outputs: Record<string, unknown> = {};
    let status: number | undefined;
    const request = new Request(text, (error) => {
      resolve({ sets, counts, outputs, status, error: (error ?? undefined) as RequestError | undefined });
    });
    request.on("columnMetadata", () => sets.push([]));
    request.on("row", (columns: { value: unknown }[]) =>
      sets.at(-1)?.push(columns.map(({ value }) => value)),
    );
    request.on("done", (count) => counts.push(count));
    request.on("doneInProc", (count) => counts.push(count));
    request.on("doneProc", (_count, _more, code: number | undefined) => {
      status = code;
    });
    request.on("returnValue", (name: string, value: unknown) => {
      outputs[name] = value;
    });
    prepare?.(request);
    send(request);
  });
}

/** Resolves when the connection has ended, be it by this call or before. */
export async function close(connection: Connection): Promise<void> {
  if (!open.has(connection)) return;
  await new Promise<void>((resolve) => {
    connection.once("end", () => {
      resolve();
    });
    connection.close();
  });
}
