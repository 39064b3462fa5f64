import type { SqlType } from "../../session.ts";
import type { Storage } from "../syntax/expression.ts";
import type { Flow } from "./run-statements.ts";

/** A value handed to a procedure. */
export interface Argument {
  /** With its @; "" when positional. */
  readonly name: string;
  readonly value: Storage;
  readonly type: SqlType;
  /** DEFAULT was written instead of a value. */
  readonly isDefault?: boolean;
  /** Takes the parameter's last value: OUTPUT was written. */
  readonly receive?: (value: Storage, type: SqlType) => void;
}

export interface CallResult {
  readonly status: number;
  /** "endBatch" when an error inside ended everything. */
  readonly flow: Flow;
}
