import { type Connection, Request, TYPES } from "tedious";
import { type RequestOptions, runRequest } from "./run-request.ts";

export type SqlParameter =
  | { readonly name: string; readonly type: "text"; readonly value: string | null }
  | { readonly name: string; readonly type: "int"; readonly value: number }
  | { readonly name: string; readonly type: "guid"; readonly value: string };

/** One connection to one database, used by one attempt; one request at a time. */
export interface SqlSession {
  /** Sends a batch as it is. @throws SqlFault of phase "run" */
  batch(text: string, options?: RequestOptions): Promise<void>;
  /** Sends a statement with parameters, one round trip (`sp_executesql`). @throws SqlFault of phase "run" */
  call(statement: string, parameters: readonly SqlParameter[], options?: RequestOptions): Promise<void>;
  /** Closes the connection. What is not committed, the server rolls back; it also lets go of the locks. */
  close(): Promise<void>;
}

const types = { text: TYPES.NVarChar, int: TYPES.Int, guid: TYPES.UniqueIdentifier };

export function createSession(connection: Connection): SqlSession {
  const ended = new Promise<void>((resolve) => connection.once("end", resolve));
  return {
    batch: (text, options) =>
      runRequest(
        connection,
        (done) => {
          const request = new Request(text, done);
          return {
            request,
            send: () => {
              connection.execSqlBatch(request);
            },
          };
        },
        options,
      ),
    call: (statement, parameters, options) =>
      runRequest(
        connection,
        (done) => {
          const request = new Request(statement, done);
          for (const { name, type, value } of parameters) {
            // Without a length the driver declares each text by its own length, and the server compiles a plan for each.
            const length = type === "text" ? { length: lengthOf(value) } : undefined;
            request.addParameter(name, types[type], value, length);
          }
          return {
            request,
            send: () => {
              connection.execSql(request);
            },
          };
        },
        options,
      ),
    close: async () => {
      connection.close();
      await ended;
    },
  };
}

function lengthOf(value: string | null): number {
  return (value ?? "").length <= 4_000 ? 4_000 : Infinity;
}
