import { ambiguousColumn, invalidColumn, unboundIdentifier } from "../errors.ts";
import type { Expression } from "../syntax/expression.ts";
import type { Scope, Source, SourceColumn } from "./translation.ts";

type ColumnReference = Extract<Expression, { kind: "column" }>;

/** Finds a column by name, the innermost query first. @throws SqlError 207, 209, 4104 */
export function resolveColumn(reference: ColumnReference, scope: Scope): SourceColumn {
  const { parts, line } = reference;
  const name = parts.at(-1) ?? "";
  const qualifier = parts.at(-2)?.toLowerCase();
  for (let level: Scope | undefined = scope; level !== undefined; level = level.parent) {
    const sources = qualifier === undefined ? level.sources : matching(level.sources, qualifier);
    const found = sources.flatMap((source) => source.columns.filter((column) => isNamed(column, name)));
    if (found.length > 1) throw ambiguousColumn(name, line);
    if (found[0] !== undefined) return found[0];
    // The inner table of that name hides an outer one.
    if (qualifier !== undefined && sources.length > 0) throw invalidColumn(name, line);
  }
  throw qualifier === undefined ? invalidColumn(name, line) : unboundIdentifier(parts.join("."), line);
}

function matching(sources: readonly Source[], qualifier: string): readonly Source[] {
  return sources.filter((source) => source.name === qualifier);
}

function isNamed(column: SourceColumn, name: string): boolean {
  return column.name.toLowerCase() === name.toLowerCase();
}
