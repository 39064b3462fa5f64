import { sqlError } from "../errors.ts";
import type { Storage } from "../syntax/expression.ts";
import type { ParameterSyntax } from "../syntax/statement.ts";
import { convert } from "../types/convert.ts";
import { evaluateAs } from "./evaluate.ts";
import type { Argument } from "./procedure-call.ts";
import type { Frame, Variable } from "./session-state.ts";

/** Fills a scope's variables from arguments: by name, else by position, else the default. */
export function bindParameters(
  inner: Frame,
  procedure: string,
  parameters: readonly ParameterSyntax[],
  values: readonly Argument[],
): void {
  if (values.length > parameters.length) {
    const message = `Procedure or function ${procedure} has too many arguments specified.`;
    throw sqlError(message, { number: 8144, state: 2 });
  }
  for (const { name } of values) {
    if (name === "" || parameters.some((parameter) => isNamed(parameter, name))) continue;
    throw sqlError(`${name} is not a parameter for procedure ${procedure}.`, { number: 8145 });
  }
  parameters.forEach((parameter, index) => {
    const given = argumentFor(parameter, index, values);
    const value =
      given === undefined
        ? defaultValue(inner, procedure, parameter)
        : convert(given.value, given.type, parameter.type);
    inner.variables.set(parameter.name.toLowerCase(), { type: parameter.type, value });
  });
}

function argumentFor(
  parameter: ParameterSyntax,
  index: number,
  values: readonly Argument[],
): Argument | undefined {
  const positional = values[index]?.name === "" ? values[index] : undefined;
  const given = values.find(({ name }) => isNamed(parameter, name)) ?? positional;
  return given?.isDefault === true ? undefined : given;
}

function isNamed(parameter: ParameterSyntax, name: string): boolean {
  return parameter.name.toLowerCase() === name.toLowerCase();
}

/** @throws SqlError 201 */
function defaultValue(inner: Frame, procedure: string, parameter: ParameterSyntax): Storage {
  if (parameter.default !== undefined) return evaluateAs(inner, parameter.default, parameter.type);
  const message = `Procedure or function '${procedure}' expects parameter '${parameter.name}', which was not supplied.`;
  throw sqlError(message, { number: 201, state: 4 });
}

/** OUTPUT parameters hand their values to the caller. */
export function giveBack(
  parameters: readonly ParameterSyntax[],
  values: readonly Argument[],
  variables: ReadonlyMap<string, Variable>,
): void {
  parameters.forEach((parameter, index) => {
    const variable = variables.get(parameter.name.toLowerCase());
    if (parameter.output && variable !== undefined) {
      argumentFor(parameter, index, values)?.receive?.(variable.value, variable.type);
    }
  });
}
