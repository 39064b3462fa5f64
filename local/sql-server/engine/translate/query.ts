import { sqlError } from "../errors.ts";
import type { OrderItem, Query, QueryBody, Select, SetOperation } from "../syntax/expression.ts";
import { BIGINT, commonType, isString } from "../types/sql-type.ts";
import { translateSelect } from "./select.ts";
import {
  quoteName,
  newAlias,
  type CommonTableSource,
  type OutputColumn,
  type QueryFragment,
  type Scope,
  type Translation,
} from "./translation.ts";
import { coerce, convertSql, isSameForm } from "./coerce.ts";

/** A whole query: its common tables, its body, its order and its page. */
export function translateQuery(translation: Translation, query: Query, outer: Scope): QueryFragment {
  const { prefix, scope } = translateWith(translation, query, outer);
  const body = translateBody(translation, query.body, scope, query.orderBy);
  const order = body.order === "" ? "" : ` ORDER BY ${body.order}`;
  return { sql: prefix + body.sql + order + limitSql(translation, query, scope), columns: body.columns };
}

interface Body extends QueryFragment {
  /** What follows ORDER BY; "" for no order. */
  readonly order: string;
}

function translateBody(
  translation: Translation,
  body: QueryBody,
  scope: Scope,
  orderBy: readonly OrderItem[],
): Body {
  if (body.kind === "select") return translateSelect(translation, body, scope, orderBy);
  const united = translateSet(translation, body, scope);
  return { ...united, order: orderBy.map((item) => positionOf(item, united.columns)).join(", ") };
}

/** After UNION only output columns can be ordered by. */
function positionOf({ expression, descending }: OrderItem, columns: readonly OutputColumn[]): string {
  const name = expression.kind === "column" ? expression.parts.at(-1)?.toLowerCase() : undefined;
  const index =
    expression.kind === "literal"
      ? Number(expression.value) - 1
      : columns.findIndex((column) => column.name.toLowerCase() === name);
  const column = columns[index];
  if (column === undefined) {
    const message =
      "ORDER BY items must appear in the select list if the statement contains a UNION, INTERSECT or EXCEPT operator.";
    throw sqlError(message, { number: 104, class: 15 });
  }
  return `${index + 1}${isString(column.type) ? " COLLATE NOCASE" : ""}${descending ? " DESC" : ""}`;
}

/** @throws SqlError 205 when the two sides have different numbers of columns. */
function translateSet(translation: Translation, operation: SetOperation, scope: Scope): QueryFragment {
  const left = translateOperand(translation, operation.left, scope);
  const right = translateOperand(translation, operation.right, scope);
  if (left.columns.length !== right.columns.length) {
    const message =
      "All queries combined using a UNION, INTERSECT or EXCEPT operator must have an equal number of expressions in their target lists.";
    throw sqlError(message, { number: 205 });
  }
  const columns = left.columns.map((column, index) => {
    const other = right.columns[index] ?? column;
    const type = commonType(column.type, other.type);
    return { name: column.name, type, nullable: column.nullable || other.nullable };
  });
  const sides = [left, right].map((side) =>
    isReady(operation, side, columns) ? side.sql : castSide(side, columns),
  );
  return { sql: sides.join(` ${operation.operator} `), columns };
}

/** A recursive table must stand in its own FROM, so UNION ALL leaves alone what needs no conversion. */
function isReady(operation: SetOperation, side: QueryFragment, columns: readonly OutputColumn[]): boolean {
  const plain =
    operation.operator === "UNION ALL" && !side.sql.includes(" LIMIT ") && !side.sql.startsWith("WITH");
  return plain && side.columns.every(({ type }, index) => isSameForm(type, columns[index]?.type ?? type));
}

/** Makes one side's columns what both sides meet in, comparing text blind to case. */
function castSide(side: QueryFragment, columns: readonly OutputColumn[]): string {
  const names = columns.map((_column, index) => `"c${index}"`);
  const values = columns.map(({ type }, index) => {
    const own = side.columns[index]?.type ?? type;
    const value = { sql: `"c${index}"`, type: own, nullable: true };
    return `${isSameForm(own, type) ? value.sql : convertSql(value, type)}${isString(type) ? " COLLATE NOCASE" : ""}`;
  });
  return `SELECT ${values.join(", ")} FROM (WITH "s"(${names.join(", ")}) AS (${side.sql}) SELECT * FROM "s")`;
}

function translateOperand(translation: Translation, body: QueryBody, scope: Scope): QueryFragment {
  if (body.kind === "set") return translateSet(translation, body, scope);
  const { sql, columns } = translateSelect(translation, body, scope, []);
  const limit = body.top === undefined ? "" : ` LIMIT ${translation.expression(body.top, scope).sql}`;
  return { sql: sql + limit, columns };
}

interface With {
  readonly prefix: string;
  readonly scope: Scope;
}

function translateWith(translation: Translation, query: Query, outer: Scope): With {
  if (query.with.length === 0) return { prefix: "", scope: outer };
  const commonTables = new Map(outer.commonTables);
  const texts: string[] = [];
  for (const { name, columns: names, query: definition } of query.with) {
    const alias = quoteName(newAlias(translation));
    const scope = { ...outer, commonTables };
    const anchor = anchorOf(definition.body);
    if (anchor !== undefined && mentions(definition, name)) {
      const shape = named(translateOperand(translation, anchor, scope).columns, names);
      commonTables.set(name.toLowerCase(), { sql: alias, columns: shape });
    }
    const { sql, columns } = translation.query(definition, { ...outer, commonTables });
    const output = named(columns, names);
    texts.push(`${alias}(${output.map((column) => quoteName(column.name)).join(", ")}) AS (${sql})`);
    commonTables.set(name.toLowerCase(), { sql: alias, columns: output });
  }
  return { prefix: `WITH RECURSIVE ${texts.join(", ")} `, scope: { ...outer, commonTables } };
}

/** The part before UNION ALL, which gives a recursive table its columns. */
function anchorOf(body: QueryBody): QueryBody | undefined {
  return body.kind === "set" ? body.left : undefined;
}

function mentions(query: Query, name: string): boolean {
  return JSON.stringify(query, (_key, value: unknown) =>
    typeof value === "bigint" ? value.toString() : value,
  )
    .toLowerCase()
    .includes(`"name":"${name.toLowerCase()}"`);
}

function named(columns: readonly OutputColumn[], names: readonly string[]): CommonTableSource["columns"] {
  return columns.map((column, index) => ({ ...column, name: names[index] ?? column.name }));
}

function limitSql(translation: Translation, query: Query, scope: Scope): string {
  const count = (expression: Select["top"] & object): string =>
    coerce(translation.expression(expression, scope), BIGINT).sql;
  if (query.offset !== undefined) {
    const rows = query.fetch === undefined ? "-1" : count(query.fetch);
    return ` LIMIT ${rows} OFFSET ${count(query.offset)}`;
  }
  const top = query.body.kind === "select" ? query.body.top : undefined;
  return top === undefined ? "" : ` LIMIT ${count(top)}`;
}
