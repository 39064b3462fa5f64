import type { SystemFacts } from "../../../catalog/system-view.ts";
import type { CatalogObject } from "../../../catalog/model.ts";
import type { SqlType } from "../../../../session.ts";
import { matchesPattern } from "../../../functions/patterns.ts";
import { INT, SYSNAME } from "../../../types/sql-type.ts";
import type { Storage } from "../../../syntax/expression.ts";
import { textOf } from "../../../types/convert-text.ts";
import type { OutputColumn } from "../../../translate/translation.ts";
import { systemFacts } from "../../facts.ts";
import { sendRows } from "../../statements/select.ts";
import { named, type SystemProcedure } from "../call.ts";

export type Row = readonly Storage[];

/** An argument by its name without @; undefined when it was not given or is NULL. */
type Given = (name: string) => string | undefined;

/** A catalog stored procedure: one result set, made from the catalogue. */
export interface CatalogProcedure {
  readonly name: string;
  /** `table_name table_owner`: without @, in order; `!` after those that must be given. */
  readonly parameters: string;
  /** `TABLE_NAME:t KEY_SEQ:s`: t sysname, i int, s smallint, y tinyint, c char(1), a number varchar of that length. */
  readonly columns: string;
  readonly rows: (given: Given, facts: SystemFacts) => readonly Row[];
}

const LETTERS: Readonly<Record<string, SqlType>> = {
  c: { name: "char", length: 1 },
  i: INT,
  s: { name: "smallint" },
  t: SYSNAME,
  x: { name: "nvarchar", length: 4000 },
  y: { name: "tinyint" },
};

export function toSystemProcedure(procedure: CatalogProcedure): SystemProcedure {
  const names = procedure.parameters.split(" ").filter((name) => name !== "");
  const required = names.filter((name) => name.endsWith("!")).length;
  const parameters = names.map((name) => `@${name.replace("!", "")}`);
  const columns = procedure.columns.split(/\s+/).map(toColumn);
  return async (frame, values) => {
    const found = named(procedure.name, parameters, required, values);
    const given: Given = (name) => {
      const argument = found.get(`@${name}`);
      if (argument === undefined || argument.value === null) return undefined;
      return textOf(argument.value, argument.type);
    };
    await sendRows(frame, columns, procedure.rows(given, systemFacts(frame)));
    return { status: 0, flow: "next" };
  };
}

function toColumn(text: string): OutputColumn {
  const [name = "", letter = ""] = text.split(":");
  const type = LETTERS[letter] ?? ({ name: "varchar", length: Number(letter) } as const);
  return { name, type, nullable: true };
}

/** The objects a procedure was asked for, by schema and name. Another database than the current has none here. */
export function objectsNamed(
  { view }: SystemFacts,
  [name, owner, qualifier]: readonly [string | undefined, string | undefined, string | undefined],
  matches: (text: string, wanted: string) => boolean = matchesPattern,
): readonly CatalogObject[] {
  if (qualifier !== undefined && qualifier !== "" && !isSame(view.database, qualifier)) return [];
  const fits = (text: string, wanted: string | undefined): boolean =>
    wanted === undefined || wanted === "" || matches(text, wanted);
  return [...view.catalog.objects.values()]
    .filter((object) => fits(object.name, name) && fits(object.schema, owner))
    .sort((left, right) => compare([left.schema, left.name], [right.schema, right.name]));
}

export function isSame(left: string, right: string): boolean {
  return left.toLowerCase() === right.toLowerCase();
}

/** Cell by cell: numbers by size, text blind to case. */
export function compare(left: Row, right: Row): number {
  for (const [index, cell] of left.entries()) {
    const other = right[index] ?? null;
    const order =
      typeof cell === "number" && typeof other === "number"
        ? cell - other
        : String(cell).toLowerCase().localeCompare(String(other).toLowerCase(), "en");
    if (order !== 0) return order;
  }
  return 0;
}
