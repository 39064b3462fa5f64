import type { SqlType } from "../../session.ts";
import type { CatalogView } from "../catalog/lookup.ts";
import type { TableObject } from "../catalog/model.ts";
import type { SystemView } from "../catalog/system-view.ts";
import type { Expression, ObjectName, Query, Storage } from "../syntax/expression.ts";

/** A piece of SQLite SQL that is one T-SQL value, with the type T-SQL gives it. */
export interface Fragment {
  readonly sql: string;
  readonly type: SqlType;
  readonly nullable: boolean;
  /** The literal NULL takes any type. */
  readonly isNull?: boolean;
  readonly identity?: boolean;
  /** Of an exact number that surely is a whole one of 64 bits: the same as SQLite's integer. */
  readonly asInteger?: string;
}

/** What is put in place of `?n` when the plan runs. */
export type PlanParameter =
  | { readonly kind: "variable"; readonly name: string; readonly type: SqlType }
  /** GETDATE, @@ROWCOUNT, ERROR_NUMBER …: fixed for one execution. */
  | { readonly kind: "fact"; readonly name: string }
  | { readonly kind: "constant"; readonly value: Storage }
  | { readonly kind: "systemView"; readonly view: SystemView }
  /** Filled by the caller, e.g. a rowid or an OUTPUT row's values. */
  | { readonly kind: "slot"; readonly index: number };

export interface OutputColumn {
  readonly name: string;
  readonly type: SqlType;
  readonly nullable: boolean;
  readonly identity?: boolean;
}

export interface QueryFragment {
  readonly sql: string;
  readonly columns: readonly OutputColumn[];
}

export interface SourceColumn extends Fragment {
  readonly name: string;
}

/** A table in FROM, as names see it. */
export interface Source {
  /** What may stand before the point, lower case; "" for none. */
  readonly name: string;
  readonly columns: readonly SourceColumn[];
  /** Of a table that can be written to. */
  readonly rowid?: string;
  readonly table?: TableObject;
}

export interface CommonTableSource {
  readonly sql: string;
  readonly columns: readonly OutputColumn[];
}

export interface Scope {
  readonly sources: readonly Source[];
  readonly parent?: Scope;
  /** WITH, by name in lower case. */
  readonly commonTables: ReadonlyMap<string, CommonTableSource>;
}

export const EMPTY_SCOPE: Scope = { sources: [], commonTables: new Map() };

/** The work on one statement: everything collected on the way from syntax tree to SQLite. */
export interface Translation {
  readonly view: CatalogView;
  readonly variableType: (name: string) => SqlType | undefined;
  readonly parameters: PlanParameter[];
  readonly state: TranslationState;
  /** Variables that the statement itself assigns row by row: read while it runs, not before. */
  readonly liveVariables: ReadonlySet<string>;
  /** The rules that every rule may use, handed in so that no file imports in a circle. */
  readonly expression: (expression: Expression, scope: Scope) => Fragment;
  readonly query: (query: Query, scope: Scope) => QueryFragment;
}

export interface TranslationState {
  aliases: number;
  /** Reads or writes tables or asks the catalogue: needs the database's file. */
  usesDatabase: boolean;
  /** Temporary tables differ from session to session: such a plan is not kept. */
  usesTemporary: boolean;
  /** UPDLOCK, HOLDLOCK …: in a transaction the reader waits for the writers. */
  locks: boolean;
  /** Reads tables of users (not only of the system). */
  readsTables: boolean;
  /** Tables and views the statement itself reads: the permission to is asked for when it runs. */
  reads: readonly ObjectName[];
  /** Views around what is being translated. */
  viewDepth: number;
  /** Some column's value is used. */
  usesColumns: boolean;
  /** Says in which database a table is: right in one, wrong in another of the same shape. */
  namesDatabase: boolean;
}

/** @returns the placeholder. The same variable has one placeholder. */
export function bind(translation: Translation, parameter: PlanParameter): string {
  const { parameters } = translation;
  const known = parameters.findIndex((other) => isSame(other, parameter));
  if (known >= 0) return `?${known + 1}`;
  parameters.push(parameter);
  return `?${parameters.length}`;
}

function isSame(left: PlanParameter, right: PlanParameter): boolean {
  if (left.kind === "variable" && right.kind === "variable") return left.name === right.name;
  if (left.kind === "fact" && right.kind === "fact") return left.name === right.name;
  return left.kind === "slot" && right.kind === "slot" && left.index === right.index;
}

export function newAlias(translation: Translation): string {
  translation.state.aliases++;
  return `t${translation.state.aliases}`;
}

export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

export function quoteText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

export function typeKey(type: SqlType): string {
  return quoteText(JSON.stringify(type));
}
