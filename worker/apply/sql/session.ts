import type { Connection } from "tedious";
import { type RequestOptions, runRequest } from "./run-request.ts";

/** One connection to one database, used by one attempt; one request at a time. */
export interface SqlSession {
  /** Sends a batch as it is, one round trip. @throws SqlFault of phase "run" */
  batch(text: string, options?: RequestOptions): Promise<void>;
  /** Closes the connection. What is not committed, the server rolls back; it also lets go of the locks. */
  close(): Promise<void>;
}

export function createSession(connection: Connection): SqlSession {
  const ended = new Promise<void>((resolve) => connection.once("end", resolve));
  return {
    batch: (text, options) => runRequest(connection, text, options),
    close: async () => {
      connection.close();
      await ended;
    },
  };
}
