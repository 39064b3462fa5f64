import { unknownFunction, wrongArgumentCount } from "../../errors.ts";
import type { CallExpression } from "../../syntax/expression.ts";
import type { Fragment, Scope, Translation } from "../translation.ts";
import { isAggregate, isWindowFunction, translateAggregate, translateWindow } from "./aggregate.ts";
import { DATE_RULES } from "./date-rules.ts";
import { LOGIC_RULES } from "./logic-rules.ts";
import { NUMBER_RULES } from "./number-rules.ts";
import type { FunctionRules } from "./rule.ts";
import { SYSTEM_RULES } from "./system-rules.ts";
import { TEXT_RULES } from "./text-rules.ts";

const RULES: FunctionRules = {
  ...DATE_RULES,
  ...LOGIC_RULES,
  ...NUMBER_RULES,
  ...SYSTEM_RULES,
  ...TEXT_RULES,
};

/** @throws SqlError 195 (unknown function), 174 (wrong number of arguments). */
export function translateCall(translation: Translation, call: CallExpression, scope: Scope): Fragment {
  if (isAggregate(call.name)) return translateAggregate(translation, call, scope);
  if (isWindowFunction(call.name)) return translateWindow(translation, call, scope);
  const rule = RULES[call.name];
  if (rule === undefined) throw unknownFunction(call.name, call.line);
  const count = call.arguments.length;
  if (count < rule.minimum || count > rule.maximum)
    throw wrongArgumentCount(call.name, rule.minimum, call.line);
  const values = call.arguments.map((argument) => translation.expression(argument, scope));
  return rule.translate(values, call, translation);
}
