import { FormulaError } from "./tokens.ts";

/** Times and intervals are numbers of milliseconds here; a metric is what has samples. */
export type Value = number | string | readonly number[] | Metric;

export interface Metric {
  readonly metric: string;
  /** Of this moment: the only one there is. */
  readonly sample: number;
}

const isMetric = (value: Value): value is Metric => typeof value === "object" && "metric" in value;

/** @throws FormulaError when it is no number. */
export function toNumber(value: Value): number {
  if (typeof value === "number") return value;
  if (typeof value === "string") throw new FormulaError(`'${value}' is not a number`);
  if (isMetric(value)) throw new FormulaError(`${value.metric} has samples: use GetSample`);
  throw new FormulaError("a list of samples is not a number: use avg, min or max");
}

const toNumbers = (values: readonly Value[]): readonly number[] =>
  values.flatMap((value) => (Array.isArray(value) ? (value as readonly number[]) : [toNumber(value)]));

const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0);

const functions: Readonly<Record<string, (values: readonly Value[], now: number) => number>> = {
  min: (values) => Math.min(...toNumbers(values)),
  max: (values) => Math.max(...toNumbers(values)),
  sum: (values) => sum(toNumbers(values)),
  avg: (values) => sum(toNumbers(values)) / Math.max(1, toNumbers(values).length),
  len: (values) => toNumbers(values).length,
  round: ([value = 0]) => Math.round(toNumber(value)),
  time: ([value], now) => (value === undefined ? now : parseTime(value)),
};

/** @throws FormulaError when the function is not known here. */
export function callFunction(name: string, values: readonly Value[], now: number): number {
  const found = functions[name];
  if (!found) throw new FormulaError(`the function ${name} is not imitated`);
  return found(values, now);
}

/** @throws FormulaError when it is not a metric's. */
export function callMethod(value: Value, name: string): Value {
  if (!isMetric(value)) throw new FormulaError(`.${name} belongs to a metric`);
  if (name === "GetSample") return [value.sample];
  // What the service counts twice a minute and may not have yet is always there here.
  if (name === "GetSamplePercent") return 100;
  throw new FormulaError(`the method ${name} is not imitated`);
}

function parseTime(text: Value): number {
  const at = typeof text === "string" ? Date.parse(text) : NaN;
  if (Number.isNaN(at)) throw new FormulaError("time takes a text with a time");
  return at;
}
