import { FormulaError, FormulaSyntaxError, type Token, tokenize } from "./tokens.ts";
import { callFunction, callMethod, toNumber, type Value } from "./values.ts";

/**
 * Runs a formula: assignments of expressions with numbers, metrics, `? :`, comparisons and the functions of values.ts.
 * https://learn.microsoft.com/azure/batch/batch-automatic-scaling
 * @param given what its names mean before the first assignment
 * @returns every name and its last value
 * @throws FormulaError
 */
export function evaluateFormula(
  formula: string,
  given: Readonly<Record<string, Value>>,
  now: number,
): ReadonlyMap<string, Value> {
  const names = new Map(Object.entries({ ...constants, ...given }));
  const reader: Reader = { tokens: tokenize(formula), at: 0, names, now };
  while (reader.at < reader.tokens.length) readAssignment(reader);
  return names;
}

const constants: Readonly<Record<string, Value>> = {
  TimeInterval_Second: 1_000,
  TimeInterval_Minute: 60_000,
  TimeInterval_Hour: 3_600_000,
  TimeInterval_Day: 86_400_000,
  ...Object.fromEntries(
    ["requeue", "terminate", "taskcompletion", "retaineddata"].map((name) => [name, name]),
  ),
};

interface Reader {
  readonly tokens: readonly Token[];
  at: number;
  readonly names: Map<string, Value>;
  readonly now: number;
}

function readAssignment(reader: Reader): void {
  const { kind, text } = take(reader);
  if (kind !== "name") throw new FormulaSyntaxError(`expects a name where '${text}' is`);
  expect(reader, "=");
  reader.names.set(text, readChoice(reader));
  expect(reader, ";");
}

/** Both branches are evaluated; nothing in a formula has effects. */
function readChoice(reader: Reader): Value {
  const condition = readBinary(reader, 0);
  if (!accept(reader, "?")) return condition;
  const yes = readChoice(reader);
  expect(reader, ":");
  const no = readChoice(reader);
  return toNumber(condition) === 0 ? no : yes;
}

type Operator = (a: number, b: number) => number;
const toTruth = (truth: boolean): number => (truth ? 1 : 0);

/** By precedence, the loosest first. */
const operators: readonly Readonly<Record<string, Operator>>[] = [
  { "||": (a, b) => toTruth(a !== 0 || b !== 0) },
  { "&&": (a, b) => toTruth(a !== 0 && b !== 0) },
  {
    "<": (a, b) => toTruth(a < b),
    "<=": (a, b) => toTruth(a <= b),
    ">": (a, b) => toTruth(a > b),
    ">=": (a, b) => toTruth(a >= b),
    "==": (a, b) => toTruth(a === b),
    "!=": (a, b) => toTruth(a !== b),
  },
  { "+": (a, b) => a + b, "-": (a, b) => a - b },
  { "*": (a, b) => a * b, "/": (a, b) => a / b },
];

function readBinary(reader: Reader, level: number): Value {
  const known = operators[level];
  if (!known) return readUnary(reader);
  let left = readBinary(reader, level + 1);
  for (;;) {
    const operator = known[peek(reader)];
    if (!operator) return left;
    reader.at += 1;
    left = operator(toNumber(left), toNumber(readBinary(reader, level + 1)));
  }
}

function readUnary(reader: Reader): Value {
  if (accept(reader, "-")) return -toNumber(readUnary(reader));
  if (accept(reader, "!")) return toTruth(toNumber(readUnary(reader)) === 0);
  let value = readPrimary(reader);
  while (accept(reader, ".")) {
    const { text: method } = take(reader);
    readArguments(reader);
    value = callMethod(value, method);
  }
  return value;
}

function readPrimary(reader: Reader): Value {
  if (accept(reader, "(")) {
    const value = readChoice(reader);
    expect(reader, ")");
    return value;
  }
  const { kind, text } = take(reader);
  if (kind === "number") return Number(text);
  if (kind === "text") return text.slice(1, -1);
  if (kind === "name") return readName(reader, text);
  throw new FormulaSyntaxError(`expects a value where '${text}' is`);
}

function readName(reader: Reader, name: string): Value {
  if (peek(reader) === "(") return callFunction(name, readArguments(reader), reader.now);
  const value = reader.names.get(name);
  if (value === undefined) throw new FormulaError(`does not know ${name}`);
  return value;
}

function readArguments(reader: Reader): readonly Value[] {
  const values: Value[] = [];
  expect(reader, "(");
  if (accept(reader, ")")) return values;
  do values.push(readChoice(reader));
  while (accept(reader, ","));
  expect(reader, ")");
  return values;
}

const peek = ({ tokens, at }: Reader): string => tokens[at]?.text ?? "";

function take(reader: Reader): Token {
  const token = reader.tokens[reader.at];
  if (!token) throw new FormulaSyntaxError("ends too early");
  reader.at += 1;
  return token;
}

function accept(reader: Reader, text: string): boolean {
  if (peek(reader) !== text) return false;
  reader.at += 1;
  return true;
}

function expect(reader: Reader, text: string): void {
  if (!accept(reader, text)) throw new FormulaSyntaxError(`expects '${text}' where '${peek(reader)}' is`);
}
