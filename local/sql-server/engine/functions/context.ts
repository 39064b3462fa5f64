import type { CatalogView } from "../catalog/lookup.ts";
import type { Storage } from "../syntax/expression.ts";

/** What T-SQL functions may ask while a statement runs. */
export interface FunctionContext {
  readonly view: CatalogView;
  /** Facts of session and server by name, e.g. ("DB_ID", "master"). */
  readonly fact: (name: string, ...values: Arguments) => Storage;
}

export type Arguments = readonly Storage[];

/** A function given to SQLite under the name `t_…`. */
export interface NativeFunction {
  /** Same arguments, same result: SQLite may compute it once. */
  readonly pure: boolean;
  readonly run: (values: Arguments, context: FunctionContext) => Storage;
}

export type NativeFunctions = Readonly<Record<string, NativeFunction>>;

/** A pure function that is null when any argument is. */
export function strict(run: (values: readonly NonNullable<Storage>[]) => Storage): NativeFunction {
  return {
    pure: true,
    run: (values) => {
      const present = values.filter((value) => value !== null);
      return present.length === values.length ? run(present) : null;
    },
  };
}
