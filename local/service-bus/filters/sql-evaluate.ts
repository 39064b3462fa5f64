import type { AmqpMessage } from "../../amqp/message.ts";
import type { AmqpMap } from "../../amqp/values.ts";
import type { SqlComparison, SqlCondition, SqlOperand } from "./sql-parse.ts";
import { readSystemProperty } from "./system-properties.ts";

/** True, false, or undefined = unknown: what a comparison with something that is not there gives. */
type Truth = boolean | undefined;

/** Whether a message passes; unknown does not. */
export function matchesSql(condition: SqlCondition, message: AmqpMessage, parameters: AmqpMap): boolean {
  return new Evaluation(message, parameters).test(condition) === true;
}

class Evaluation {
  readonly #message: AmqpMessage;
  readonly #parameters: AmqpMap;

  constructor(message: AmqpMessage, parameters: AmqpMap) {
    this.#message = message;
    this.#parameters = parameters;
  }

  test(condition: SqlCondition): Truth {
    switch (condition.kind) {
      case "and":
        return and(this.test(condition.left), this.test(condition.right));
      case "or":
        return not(and(not(this.test(condition.left)), not(this.test(condition.right))));
      case "not":
        return not(this.test(condition.condition));
      case "exists":
        return this.#read(condition.operand) !== undefined;
      case "isNull":
        return (this.#read(condition.operand) ?? null) === null;
      case "in":
        return this.#isOneOf(condition.operand, condition.list);
      case "like":
        return like(this.#read(condition.operand), this.#read(condition.pattern), condition.escape);
      case "compare":
        return compare(condition.operator, this.#read(condition.left), this.#read(condition.right));
    }
  }

  #isOneOf(operand: SqlOperand, list: readonly SqlOperand[]): Truth {
    const value = this.#read(operand);
    const results = list.map((item) => compare("=", value, this.#read(item)));
    if (results.includes(true)) return true;
    return results.includes(undefined) ? undefined : false;
  }

  #read(operand: SqlOperand): unknown {
    switch (operand.kind) {
      case "literal":
        return operand.value;
      case "parameter":
        return this.#parameters[`@${operand.name}`] ?? this.#parameters[operand.name];
      case "property":
        if (operand.scope === "sys") return readSystemProperty(this.#message, operand.name);
        return readIgnoringCase(this.#message.applicationProperties, operand.name);
    }
  }
}

/** Names of properties are not case-sensitive in filters. */
function readIgnoringCase(properties: AmqpMap, name: string): unknown {
  if (name in properties) return properties[name];
  const wanted = name.toLowerCase();
  return Object.entries(properties).find(([key]) => key.toLowerCase() === wanted)?.[1];
}

function not(truth: Truth): Truth {
  return truth === undefined ? undefined : !truth;
}

function and(left: Truth, right: Truth): Truth {
  if (left === false || right === false) return false;
  return left === undefined || right === undefined ? undefined : true;
}

function compare(operator: SqlComparison, left: unknown, right: unknown): Truth {
  const [a, b] = [toComparable(left), toComparable(right)];
  if (a === undefined || b === undefined) return undefined;
  if (typeof a !== typeof b) return operator === "<>";
  switch (operator) {
    case "=":
      return a === b;
    case "<>":
      return a !== b;
    case "<":
      return a < b;
    case "<=":
      return a <= b;
    case ">":
      return a > b;
    case ">=":
      return a >= b;
  }
}

function toComparable(value: unknown): string | number | boolean | undefined {
  if (value instanceof Date) return value.getTime();
  if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") return value;
  return undefined;
}

function like(value: unknown, pattern: unknown, escape: string): Truth {
  if (typeof value !== "string" || typeof pattern !== "string") return undefined;
  return new RegExp(`^${toRegularExpression(pattern, escape)}$`, "s").test(value);
}

/** `%` is any text, `_` one character, the escape character takes the meaning away from what follows it. */
function toRegularExpression(pattern: string, escape: string): string {
  let expression = "";
  for (let at = 0; at < pattern.length; at += 1) {
    const escaped = escape !== "" && pattern[at] === escape;
    if (escaped) at += 1;
    const character = pattern[at] ?? "";
    if (!escaped && character === "%") expression += ".*";
    else if (!escaped && character === "_") expression += ".";
    else expression += character.replace(/[\\^$.*+?()[\]{}|/-]/, String.raw`\$&`);
  }
  return expression;
}
