import { findObject, isTemporary, writtenName } from "../catalog/lookup.ts";
import type { TableObject, ViewObject } from "../catalog/model.ts";
import { findSystemView, isServerView } from "../catalog/views/find.ts";
import type { SystemView } from "../catalog/system-view.ts";
import { invalidObject, sqlError, undeclaredTable } from "../errors.ts";
import { unsupported } from "../parser/cursor.ts";
import type { ObjectName, TableSource } from "../syntax/expression.ts";
import { coerce, commonTypeOf } from "./coerce.ts";
import { viewQuery } from "./view-query.ts";
import {
  bind,
  newAlias,
  quoteName,
  type Fragment,
  type OutputColumn,
  type Scope,
  type Source,
  type Translation,
} from "./translation.ts";

export interface FromFragment {
  readonly sql: string;
  readonly sources: readonly Source[];
}

const LOCKING_HINTS = new Set(["UPDLOCK", "HOLDLOCK", "SERIALIZABLE", "REPEATABLEREAD", "XLOCK", "TABLOCKX"]);

/** The tables of FROM with the names they can be reached by. @throws SqlError 208, 1087, 1013 */
export function translateFrom(
  translation: Translation,
  source: TableSource | undefined,
  outer: Scope,
): FromFragment {
  if (source === undefined) return { sql: "", sources: [] };
  switch (source.kind) {
    case "table":
      return translateTable(translation, source, outer);
    case "derived":
      return translateDerived(translation, source, outer);
    case "values":
      return translateValues(translation, source, outer);
    case "join":
      return translateJoin(translation, source, outer);
  }
}

type Of<Kind extends TableSource["kind"]> = Extract<TableSource, { kind: Kind }>;

function translateJoin(translation: Translation, source: Of<"join">, outer: Scope): FromFragment {
  const left = translateFrom(translation, source.left, outer);
  const right = translateFrom(translation, source.right, outer);
  const sources = [...left.sources, ...right.sources];
  requireDistinct(sources);
  const rightSql = source.right.kind === "join" ? `(${right.sql})` : right.sql;
  if (source.on === undefined) return { sql: `${left.sql} CROSS JOIN ${rightSql}`, sources };
  const on = translation.expression(source.on, { ...outer, sources }).sql;
  return { sql: `${left.sql} ${source.type} JOIN ${rightSql} ON ${on}`, sources };
}

function requireDistinct(sources: readonly Source[]): void {
  const names = sources.map((source) => source.name).filter((name) => name !== "");
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice === undefined) return;
  const message = `The objects "${twice}" and "${twice}" in the FROM clause have the same exposed names. Use correlation names to distinguish them.`;
  throw sqlError(message, { number: 1013 });
}

function translateTable(translation: Translation, source: Of<"table">, outer: Scope): FromFragment {
  const { name } = source;
  const exposed = source.alias === "" ? name.name : source.alias;
  if (source.hints.some((hint) => LOCKING_HINTS.has(hint))) translation.state.locks = true;
  const common = name.schema === "" ? outer.commonTables.get(name.name.toLowerCase()) : undefined;
  if (common !== undefined) return aliased(translation, common.sql, common.columns, exposed);
  const system = findSystemView(name);
  if (system !== undefined && !isServerView(name)) requireHere(translation, name);
  if (system !== undefined) return translateSystemView(translation, system, exposed);
  const object = requireObject(translation, name);
  noteRead(translation, name);
  if (object.kind === "table") return tableSource(translation, object, exposed);
  if (object.kind === "procedure") throw invalidObject(writtenName(name));
  return translateView(translation, object, exposed);
}

function noteRead({ state }: Translation, name: ObjectName): void {
  state.usesDatabase = true;
  state.readsTables = true;
  if (state.viewDepth === 0 && !isTemporary(name.name)) state.reads = [...state.reads, name];
}

function translateView(translation: Translation, view: ViewObject, exposed: string): FromFragment {
  const { query, columns } = viewQuery(view);
  translation.state.viewDepth++;
  const { sql, columns: output } = translation.query(query, { sources: [], commonTables: new Map() });
  translation.state.viewDepth--;
  return aliased(translation, `(${sql})`, rename(output, columns), exposed);
}

/** @throws SqlError 208, 1087, 40515 (another database) */
export function requireObject(
  translation: Translation,
  name: ObjectName,
): NonNullable<ReturnType<typeof findObject>> {
  if (!isTemporary(name.name)) requireHere(translation, name);
  const found = findObject(translation.view, name);
  if (isTemporary(name.name)) translation.state.usesTemporary = true;
  if (found !== undefined) return found;
  throw name.name.startsWith("@") ? undeclaredTable(name.name) : invalidObject(writtenName(name));
}

/** @throws SqlError 40515 for a name in another database than the current one */
function requireHere({ view, state }: Translation, name: ObjectName): void {
  if (name.database !== "") state.namesDatabase = true;
  if (name.database === "" || name.database.toLowerCase() === view.database.toLowerCase()) return;
  throw unsupported(`reaching another database ('${writtenName(name)}')`, name.line);
}

/** SQLite's name of a table: that of dbo alone, others with their schema. */
export function storageName(table: Pick<TableObject, "id" | "schema" | "name">): string {
  // Scopes inside one another may each have their own @t.
  if (isTemporary(table.name)) return `temp.${quoteName(`${table.name.toLowerCase()} ${table.id}`)}`;
  return quoteName(table.schema.toLowerCase() === "dbo" ? table.name : `${table.schema}.${table.name}`);
}

export function tableSource(translation: Translation, table: TableObject, exposed: string): FromFragment {
  const { sql, sources } = aliased(translation, storageName(table), tableColumns(table), exposed);
  const alias = / AS ("t\d+")$/.exec(sql)?.[1] ?? "";
  return { sql, sources: sources.map((source) => ({ ...source, table, rowid: `${alias}.rowid` })) };
}

export function tableColumns(table: TableObject): readonly OutputColumn[] {
  return table.columns.map(({ name, type, nullable, identity }) => ({
    name,
    type,
    nullable,
    ...(identity === undefined ? {} : { identity: true }),
  }));
}

/** Columns reached through an alias of our own, so that no name of the statement can hide another. */
function aliased(
  translation: Translation,
  sql: string,
  columns: readonly OutputColumn[],
  exposed: string,
): FromFragment {
  const positional = sql.startsWith("(");
  const alias = newAlias(translation);
  const source: Source = {
    name: exposed.toLowerCase(),
    columns: columns.map((column, index) => ({
      ...column,
      sql: `"${alias}".${positional ? `"c${index}"` : quoteName(column.name)}`,
    })),
  };
  if (!positional) return { sql: `${sql} AS "${alias}"`, sources: [source] };
  const names = columns.map((_column, index) => `"c${index}"`).join(", ");
  return {
    sql: `(WITH "${alias}"(${names}) AS ${sql} SELECT * FROM "${alias}") AS "${alias}"`,
    sources: [source],
  };
}

function translateDerived(translation: Translation, source: Of<"derived">, outer: Scope): FromFragment {
  const { sql, columns } = translation.query(source.query, { ...outer, sources: [] });
  return aliased(translation, `(${sql})`, rename(columns, source.columns), source.alias);
}

function rename(columns: readonly OutputColumn[], names: readonly string[]): readonly OutputColumn[] {
  return names.length === 0
    ? columns
    : columns.map((column, index) => ({ ...column, name: names[index] ?? column.name }));
}

function translateValues(translation: Translation, source: Of<"values">, outer: Scope): FromFragment {
  const rows = source.rows.map((row) => row.map((value) => translation.expression(value, outer)));
  const columns = source.columns.map((name, index) => {
    const values = rows.map((row) => row[index]).filter((value): value is Fragment => value !== undefined);
    return { name, type: commonTypeOf(values), nullable: values.some((value) => value.nullable) };
  });
  const texts = rows.map((row) =>
    row.map((value, index) => coerce(value, columns[index]?.type ?? value.type).sql).join(", "),
  );
  return aliased(
    translation,
    `(VALUES ${texts.map((text) => `(${text})`).join(", ")})`,
    columns,
    source.alias,
  );
}

function translateSystemView(translation: Translation, view: SystemView, exposed: string): FromFragment {
  translation.state.usesDatabase = true;
  const json = bind(translation, { kind: "systemView", view });
  const columns = view.columns.map(({ name, type }) => ({ name, type, nullable: true }));
  const values = columns.map((_column, index) => `e.value->>${index}`).join(", ");
  return aliased(translation, `(SELECT ${values} FROM json_each(${json}) AS e)`, columns, exposed);
}
