import { sqlError } from "../../errors.ts";
import type { Storage } from "../../syntax/expression.ts";
import type { Argument, CallResult } from "../procedure-call.ts";
import type { RunStatement } from "../run-statements.ts";
import type { Frame } from "../session-state.ts";

export type SystemProcedure = (
  frame: Frame,
  values: readonly Argument[],
  run: RunStatement,
) => Promise<CallResult> | CallResult;

/** The values by parameter name (lower case, with @), positional ones in the order of `names`. @throws SqlError 201, 8145 */
export function named(
  procedure: string,
  names: readonly string[],
  required: number,
  values: readonly Argument[],
): ReadonlyMap<string, Argument> {
  const found = new Map<string, Argument>();
  values.forEach((value, index) => {
    const name =
      value.name === "" ? names[index] : names.find((candidate) => candidate === value.name.toLowerCase());
    if (name === undefined) {
      throw sqlError(`${value.name} is not a parameter for procedure ${procedure}.`, { number: 8145 });
    }
    found.set(name, value);
  });
  const missing = names.slice(0, required).find((name) => !found.has(name));
  if (missing === undefined) return found;
  const message = `Procedure or function '${procedure}' expects parameter '${missing}', which was not supplied.`;
  throw sqlError(message, { number: 201, state: 4 });
}

export function textOf(value: Storage | undefined, missing: string): string {
  return value === null || value === undefined ? missing : String(value);
}
