import { type Connection, Request } from "tedious";
import { SqlFault } from "./sql-fault.ts";
import type { ResultSink } from "./result-sink.ts";
import { toRequestFault } from "./to-sql-fault.ts";

export interface RequestOptions {
  readonly sink?: ResultSink;
  /** Absent or 0: as long as it takes. */
  readonly timeoutSeconds?: number;
  /** When it aborts, the server is told to stop (attention). What the statement did is then still to be undone. */
  readonly signal?: AbortSignal;
}

type Done = (error: Error | null | undefined) => void;

/**
 * Sends one batch and delivers what comes back as it comes.
 * @throws SqlFault; after "timeout" and "cancelled" the connection can still be used, after "lost" it cannot
 */
export async function runRequest(
  connection: Connection,
  text: string,
  { sink, timeoutSeconds = 0, signal }: RequestOptions = {},
): Promise<void> {
  if (signal?.aborted) throw cancelled();
  let end: Done = () => undefined;
  const ended = new Promise<void>((resolve, reject) => {
    end = (error) => {
      if (error) reject(error);
      else resolve();
    };
  });
  const request = new Request(text, (error) => {
    end(error);
  });
  const stop = stopWhen(request, timeoutSeconds, signal);
  const unlisten = sink ? deliver(connection, request, sink) : () => undefined;
  try {
    connection.execSqlBatch(request);
    await ended;
    // The answer was complete before the attention reached the server: the work is done, and still not wanted.
    if (stop.reason()) throw new Error("stopped");
  } catch (error) {
    throw toFault(error, stop.reason(), timeoutSeconds);
  } finally {
    unlisten();
    stop.end();
  }
}

function toFault(error: unknown, stopped: StopReason, timeoutSeconds: number): SqlFault {
  switch (stopped) {
    case undefined:
      return toRequestFault(error);
    case "cancelled":
      return cancelled();
    case "timeout":
      return new SqlFault(`The batch ran longer than ${timeoutSeconds} s and was cancelled.`, {
        kind: "timeout",
        phase: "run",
      });
  }
}

const cancelled = (): SqlFault =>
  new SqlFault("The batch was cancelled.", { kind: "cancelled", phase: "run" });

type StopReason = "timeout" | "cancelled" | undefined;

interface Stop {
  readonly reason: () => StopReason;
  readonly end: () => void;
}

/** The longest a timer can wait, about 24 days. */
const longestTimer = 2 ** 31 - 1;

function stopWhen(request: Request, timeoutSeconds: number, signal: AbortSignal | undefined): Stop {
  let reason: StopReason;
  const stop = (why: StopReason): void => {
    reason ??= why;
    request.cancel();
  };
  const abort = (): void => {
    stop("cancelled");
  };
  const timer =
    timeoutSeconds > 0
      ? setTimeout(stop, Math.min(timeoutSeconds * 1_000, longestTimer), "timeout")
      : undefined;
  signal?.addEventListener("abort", abort, { once: true });
  return {
    reason: () => reason,
    end: () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", abort);
    },
  };
}

/** @returns a function that stops listening to the connection */
function deliver(connection: Connection, request: Request, sink: ResultSink): () => void {
  const onInfo = (info: { readonly message: string }): void => {
    sink.message(info.message);
  };
  const onDone = (rows: number | undefined): void => {
    if (rows !== undefined) sink.rowsAffected(rows);
  };
  request.on("columnMetadata", (columns) => {
    sink.columns((columns as readonly { readonly colName: string }[]).map((column) => column.colName));
  });
  request.on("row", (columns: readonly { readonly value: unknown }[]) => {
    sink.row(columns.map((column) => column.value));
  });
  request.on("done", onDone);
  request.on("doneInProc", onDone);
  connection.on("infoMessage", onInfo);
  return () => {
    connection.off("infoMessage", onInfo);
  };
}
