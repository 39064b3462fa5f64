import type { ViewObject } from "../catalog/model.ts";
import { parseBatch } from "../parser/parse-batch.ts";
import type { Query } from "../syntax/expression.ts";

export interface ViewQuery {
  readonly query: Query;
  readonly columns: readonly string[];
}

/** A view's query, from the text the catalogue keeps. */
export function viewQuery(view: ViewObject): ViewQuery {
  const [statement] = parseBatch(view.definition);
  if (statement?.kind !== "view") throw new Error(`not a view: ${view.name}`);
  return { query: statement.query, columns: statement.columns };
}
