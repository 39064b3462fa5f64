import { SqlError, type SqlParameter, type SqlRequest, type SqlType } from "../session.ts";
import type { ProcedureCall } from "./requests.ts";

/** What becomes of a call: it runs, or it is over; with a handle to return, when one was made. */
interface ResolvedCall {
  readonly request: SqlRequest | undefined;
  /** A new handle, to be returned as the call's first parameter. */
  readonly handle: { readonly name: string; readonly value: number } | undefined;
}

export interface PreparedStatements {
  /** @throws SqlError 8179 for a handle that does not exist, 201 for a call without its parameters. */
  resolve(call: ProcedureCall): ResolvedCall;
  /** sp_reset_connection. */
  clear(): void;
}

interface Prepared {
  readonly statement: SqlParameter;
  readonly declarations: SqlParameter;
}

const TEXT: SqlType = { name: "nvarchar", length: "max" };

/**
 * Handles live in the connection, not in the engine: each execution reaches the engine as sp_executesql with
 * its text.
 */
export function createPreparedStatements(): PreparedStatements {
  const statements = new Map<number, Prepared>();
  let lastHandle = 0;

  function prepare({ parameters: [handle, declarations, statement] }: ProcedureCall): Prepared {
    if (handle === undefined || declarations === undefined || statement === undefined) throw missing("@stmt");
    lastHandle += 1;
    const prepared = { statement: text("@stmt", statement), declarations: text("@params", declarations) };
    statements.set(lastHandle, prepared);
    return prepared;
  }

  function find({ parameters: [handle] }: ProcedureCall): Prepared {
    const number = Number(handle?.value);
    const prepared = statements.get(number);
    if (prepared !== undefined) return prepared;
    const message = `Could not find prepared statement with handle ${number}.`;
    throw new SqlError(message, { number: 8179 });
  }

  const steps: Readonly<Record<string, (call: ProcedureCall) => ResolvedCall>> = {
    sp_prepare: (call) => {
      prepare(call);
      return { request: undefined, handle: { name: handleName(call), value: lastHandle } };
    },
    sp_prepexec: (call) => {
      const request = toExecuteSql(prepare(call), call.parameters.slice(3));
      return { request, handle: { name: handleName(call), value: lastHandle } };
    },
    sp_execute: (call) => ({
      request: toExecuteSql(find(call), call.parameters.slice(1)),
      handle: undefined,
    }),
    sp_unprepare: (call) => {
      find(call);
      statements.delete(Number(call.parameters[0]?.value));
      return { request: undefined, handle: undefined };
    },
  };

  return {
    resolve(call) {
      const step = steps[call.name.toLowerCase().replace(/^(\[?sys\]?\.)/, "")];
      return step?.(call) ?? { request: { kind: "procedure", ...call }, handle: undefined };
    },
    clear() {
      statements.clear();
    },
  };
}

function toExecuteSql({ statement, declarations }: Prepared, values: readonly SqlParameter[]): SqlRequest {
  return { kind: "procedure", name: "sp_executesql", parameters: [statement, declarations, ...values] };
}

function text(name: string, { value }: SqlParameter): SqlParameter {
  return { name, output: false, type: TEXT, value: typeof value === "string" ? value : "" };
}

function handleName({ parameters: [handle] }: ProcedureCall): string {
  return handle?.name ?? "";
}

function missing(name: string): SqlError {
  const message = `Procedure or function 'sp_prepare' expects parameter '${name}', which was not supplied.`;
  return new SqlError(message, { number: 201 });
}
