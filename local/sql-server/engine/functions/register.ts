import type { DatabaseSync } from "node:sqlite";
import type { Storage } from "../syntax/expression.ts";
import type { FunctionContext, NativeFunction, NativeFunctions } from "./context.ts";
import { CONVERSIONS } from "./conversions.ts";
import { DATES } from "./dates.ts";
import { EXACT, registerExactSum } from "./exact.ts";
import { FORMATS } from "./format.ts";
import { METADATA } from "./metadata.ts";
import { NUMBERS } from "./numbers.ts";
import { PATTERNS } from "./patterns.ts";
import { STRINGS } from "./strings.ts";
import { TEXTS } from "./texts.ts";

const GROUPS: readonly NativeFunctions[] = [
  CONVERSIONS,
  DATES,
  EXACT,
  FORMATS,
  METADATA,
  NUMBERS,
  PATTERNS,
  STRINGS,
  TEXTS,
];

/** Makes the T-SQL functions callable as `t_name` on a SQLite connection. */
export function registerFunctions(database: DatabaseSync, context: () => FunctionContext | undefined): void {
  for (const group of GROUPS) {
    for (const [name, rule] of Object.entries(group)) {
      const options = { deterministic: rule.pure, varargs: true, useBigIntArguments: true };
      database.function(`t_${name}`, options, (...values) => call(rule, values, context()));
    }
  }
  registerExactSum(database);
}

function call(
  rule: NativeFunction,
  values: readonly Storage[],
  context: FunctionContext | undefined,
): Storage {
  if (context === undefined) throw new Error("a statement runs without its context");
  const result = rule.run(values.map(narrow), context);
  return typeof result === "number" && Number.isSafeInteger(result) ? BigInt(result) : result;
}

function narrow(value: Storage): Storage {
  return typeof value === "bigint" && Number.isSafeInteger(Number(value)) ? Number(value) : value;
}
