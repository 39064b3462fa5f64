import { SqlError, type SqlSession } from "../session.ts";
import type { BulkLoadTarget } from "./bulk-load.ts";
import { createPreparedStatements } from "./prepared-statements.ts";
import type { ClientRequest, ProcedureCall } from "./requests.ts";
import type { Response } from "./response.ts";
import { runBulkLoad } from "./run-bulk-load.ts";
import { runTransactionRequest } from "./run-transaction-request.ts";

/** Runs one connection's requests against its session. */
export interface RequestRunner {
  /** Resolves when the request ended, by an error too. `signal` is the client's attention, or its going. */
  run(request: ClientRequest, response: Response, signal: AbortSignal): Promise<void>;
  /** sp_reset_connection, and its acknowledgement. */
  reset(response: Response): Promise<void>;
}

export function createRequestRunner(session: SqlSession): RequestRunner {
  const prepared = createPreparedStatements();
  let bulkLoadTarget: BulkLoadTarget | undefined;

  async function runCall(call: ProcedureCall, response: Response, signal: AbortSignal): Promise<void> {
    response.beginProcedure(call.parameters.map(({ name }) => name));
    await telling(response, async () => {
      const { request, handle } = prepared.resolve(call);
      if (handle !== undefined) response.outputParameter(handle.name, { name: "int" }, handle.value);
      if (request !== undefined) await session.execute(request, response, signal);
    });
    response.endProcedure();
  }

  async function runCalls(
    calls: readonly ProcedureCall[],
    response: Response,
    signal: AbortSignal,
  ): Promise<void> {
    for (const call of calls) if (!signal.aborted) await runCall(call, response, signal);
  }

  async function start(request: ClientRequest, response: Response, signal: AbortSignal): Promise<void> {
    switch (request.kind) {
      case "batch":
        return session.execute(request, response, signal);
      case "transaction":
        return runTransactionRequest(session, request.request, response);
      case "calls":
        return runCalls(request.calls, response, signal);
      case "insertBulk":
        bulkLoadTarget = request.target;
        return;
      case "bulkLoad":
        return runBulkLoad(session, announced(bulkLoadTarget), request.load, { response, signal });
      case "ignored":
        return;
      case "refused":
        throw request.error;
    }
  }

  return {
    run: (request, response, signal) => telling(response, () => start(request, response, signal)),
    reset: (response) =>
      telling(response, async () => {
        prepared.clear();
        await session.reset();
        response.resetDone();
      }),
  };
}

function announced(target: BulkLoadTarget | undefined): BulkLoadTarget {
  if (target === undefined)
    throw new SqlError("A bulk load needs an INSERT BULK before it.", { number: 4002 });
  return target;
}

/** What is thrown becomes an error token; what is no SqlError is a defect of the stand-in, and fatal. */
async function telling(response: Response, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    response.error(error instanceof SqlError ? error : toDefect(error));
  }
}

function toDefect(error: unknown): SqlError {
  const what = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return new SqlError(`A defect of the SQL Server stand-in: ${what}`, { number: 50000, class: 20 });
}
