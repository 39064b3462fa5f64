import type { SqlType } from "../../session.ts";
import type { CatalogView } from "../catalog/lookup.ts";
import type { Expression, Query } from "../syntax/expression.ts";
import { translateExpression } from "./expression.ts";
import { translateQuery } from "./query.ts";
import {
  EMPTY_SCOPE,
  type OutputColumn,
  type PlanParameter,
  type Scope,
  type Translation,
  type TranslationState,
} from "./translation.ts";

/** SQLite SQL, ready to run once its parameters are filled. */
export interface Plan {
  readonly sql: string;
  readonly parameters: readonly PlanParameter[];
  readonly columns: readonly OutputColumn[];
  readonly state: Readonly<TranslationState>;
}

export type VariableTypes = (name: string) => SqlType | undefined;

export function createTranslation(
  view: CatalogView,
  variableType: VariableTypes,
  liveVariables: ReadonlySet<string> = new Set(),
): Translation {
  const translation: Translation = {
    view,
    variableType,
    liveVariables,
    parameters: [],
    state: {
      aliases: 0,
      usesDatabase: false,
      usesTemporary: false,
      locks: false,
      readsTables: false,
      reads: [],
      viewDepth: 0,
      usesColumns: false,
      namesDatabase: false,
    },
    expression: (expression: Expression, scope: Scope) => translateExpression(translation, expression, scope),
    query: (query: Query, scope: Scope) => translateQuery(translation, query, scope),
  };
  return translation;
}

export function planQuery(view: CatalogView, variableType: VariableTypes, query: Query): Plan {
  const translation = createTranslation(view, variableType);
  const { sql, columns } = translation.query(query, EMPTY_SCOPE);
  return toPlan(translation, sql, columns);
}

/** One value or condition as a query of one column. */
export function planExpression(view: CatalogView, variableType: VariableTypes, expression: Expression): Plan {
  const translation = createTranslation(view, variableType);
  const { sql, type, nullable } = translation.expression(expression, EMPTY_SCOPE);
  return toPlan(translation, `SELECT ${sql}`, [{ name: "", type, nullable }]);
}

export function toPlan(translation: Translation, sql: string, columns: readonly OutputColumn[]): Plan {
  return { sql, columns, parameters: translation.parameters, state: translation.state };
}
