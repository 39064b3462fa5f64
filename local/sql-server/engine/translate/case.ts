import type { CaseExpression } from "../syntax/expression.ts";
import { coerce, comparable, commonTypeOf } from "./coerce.ts";
import type { Fragment, Scope, Translation } from "./translation.ts";

/** CASE, searched or with an input; all results meet in one type. */
export function translateCase(translation: Translation, expression: CaseExpression, scope: Scope): Fragment {
  const input = expression.input === undefined ? undefined : translation.expression(expression.input, scope);
  const whens = expression.branches.map(({ when }) => {
    const condition = translation.expression(when, scope);
    return input === undefined ? condition.sql : comparable(input, condition).join(" = ");
  });
  const results = expression.branches.map(({ then }) => translation.expression(then, scope));
  const otherwise =
    expression.otherwise === undefined ? undefined : translation.expression(expression.otherwise, scope);
  const all = otherwise === undefined ? results : [...results, otherwise];
  const type = commonTypeOf(all);
  const branches = results.map(
    (result, index) => `WHEN ${whens[index] ?? "0"} THEN ${coerce(result, type).sql}`,
  );
  const last = otherwise === undefined ? "" : ` ELSE ${coerce(otherwise, type).sql}`;
  const nullable = otherwise === undefined || all.some((result) => result.nullable);
  return { sql: `CASE ${branches.join(" ")}${last} END`, type, nullable };
}
