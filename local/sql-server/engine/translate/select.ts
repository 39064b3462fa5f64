import { sqlError } from "../errors.ts";
import type { Expression, OrderItem, Select, SelectItem } from "../syntax/expression.ts";
import { isString } from "../types/sql-type.ts";
import { translateFrom } from "./from.ts";
import { requireGrouped } from "./grouping.ts";
import type { Fragment, OutputColumn, QueryFragment, Scope, Translation } from "./translation.ts";

export interface SelectFragment extends QueryFragment {
  readonly order: string;
}

interface Item extends Fragment {
  readonly name: string;
}

/** One SELECT … FROM … WHERE … GROUP BY … HAVING, and what an ORDER BY after it means. */
export function translateSelect(
  translation: Translation,
  select: Select,
  outer: Scope,
  orderBy: readonly OrderItem[],
): SelectFragment {
  const from = translateFrom(translation, select.from, outer);
  const scope: Scope = { ...outer, sources: from.sources };
  const sqlOf = (expression: Expression): string => translation.expression(expression, scope).sql;
  const items = select.items.flatMap((item) => translateItem(translation, item, scope));
  requireGrouped(select);
  const groups = select.groupBy.map((expression) => collated(translation.expression(expression, scope)));
  const parts = [
    `SELECT ${select.distinct ? "DISTINCT " : ""}${items.map((item) => itemSql(item, select.distinct)).join(", ")}`,
    from.sql === "" ? "" : `FROM ${from.sql}`,
    select.where === undefined ? "" : `WHERE ${sqlOf(select.where)}`,
    groups.length === 0 ? "" : `GROUP BY ${groups.join(", ")}`,
    select.having === undefined ? "" : `HAVING ${sqlOf(select.having)}`,
  ];
  const order = orderBy.map((item) => translateOrder(translation, item, items, scope)).join(", ");
  return { sql: parts.filter((part) => part !== "").join(" "), columns: items.map(toColumn), order };
}

/** A select list without its query, as OUTPUT has one. */
export function translateItems(
  translation: Translation,
  items: readonly SelectItem[],
  scope: Scope,
): QueryFragment {
  const translated = items.flatMap((item) => translateItem(translation, item, scope));
  return { sql: translated.map((item) => item.sql).join(", "), columns: translated.map(toColumn) };
}

function translateItem(translation: Translation, item: SelectItem, scope: Scope): readonly Item[] {
  if (item.kind === "star") return expandStar(item.qualifier, scope);
  const fragment = translation.expression(item.expression, scope);
  if (item.kind === "assign") return [{ ...fragment, name: "" }];
  const { expression } = item;
  const name = item.alias ?? (expression.kind === "column" ? (expression.parts.at(-1) ?? "") : "");
  const own = expression.kind === "column" && "name" in fragment ? String(fragment.name) : name;
  return [{ ...fragment, name: item.alias ?? own }];
}

/** @throws SqlError 107, 263 */
function expandStar(qualifier: string, scope: Scope): readonly Item[] {
  const wanted = qualifier.toLowerCase();
  const sources = qualifier === "" ? scope.sources : scope.sources.filter((source) => source.name === wanted);
  if (sources.length > 0) return sources.flatMap((source) => source.columns);
  if (qualifier === "") throw sqlError("Must specify table to select from.", { number: 263 });
  const message = `The column prefix '${qualifier}' does not match with a table name or alias name used in the query.`;
  throw sqlError(message, { number: 107, class: 15 });
}

function itemSql(item: Item, distinct: boolean): string {
  return distinct ? collated(item) : item.sql;
}

function collated({ sql, type }: Fragment): string {
  return isString(type) ? `${sql} COLLATE NOCASE` : sql;
}

function toColumn({ name, type, nullable, identity }: Item): OutputColumn {
  return { name, type, nullable, ...(identity === true ? { identity } : {}) };
}

/** A number is a position; a name is first an output column, then a column of the tables. */
function translateOrder(
  translation: Translation,
  item: OrderItem,
  items: readonly Item[],
  scope: Scope,
): string {
  const { expression, descending } = item;
  const direction = descending ? " DESC" : "";
  const position = positionOf(expression, items);
  const output = items[position];
  if (output !== undefined)
    return `${position + 1}${isString(output.type) ? " COLLATE NOCASE" : ""}${direction}`;
  if (expression.kind === "literal" && typeof expression.value === "number") {
    const message = `The ORDER BY position number ${expression.value} is out of range of the number of items in the select list.`;
    throw sqlError(message, { number: 108, class: 15 });
  }
  return collated(translation.expression(expression, scope)) + direction;
}

function positionOf(expression: Expression, items: readonly Item[]): number {
  if (expression.kind === "literal" && typeof expression.value === "number") return expression.value - 1;
  if (expression.kind !== "column" || expression.parts.length !== 1) return -1;
  const name = expression.parts[0]?.toLowerCase();
  return items.findIndex((item) => item.name.toLowerCase() === name);
}
