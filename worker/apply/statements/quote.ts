/** A text as T-SQL literal, which the server reads as the same text; a number as it is. */
export function toLiteral(value: string | number): string {
  return typeof value === "number" ? String(value) : `N'${keepLines(value.replaceAll("'", "''"))}'`;
}

/**
 * In a literal the server takes a backslash away together with the line break after it (learn.microsoft.com, "Backslash
 * (Line Continuation)"). Written twice, both of them, the first backslash and the second line break stay.
 */
function keepLines(text: string): string {
  return text.includes("\\") ? text.replaceAll(/\\(\r?\n)/g, String.raw`\\$1$1`) : text;
}

/** A parameter of a statement of ours: what differs from target to target. */
export interface SqlParameter {
  /** Without its @. */
  readonly name: string;
  readonly type: "int" | "varchar(10)" | "varchar(40)" | "nvarchar(128)" | "nvarchar(max)";
  readonly value: string | number;
}

/**
 * A statement, and beside it what differs from target to target, so that a database whose target comes again finds it
 * compiled. As a batch, not as an RPC: the driver builds one text with less work than two dozen typed parameters.
 */
export function toCall(statement: string, parameters: readonly SqlParameter[]): string {
  const declared = parameters.map(({ name, type }) => `@${name} ${type}`).join(", ");
  const given = parameters.map(({ name, value }) => `, @${name} = ${toLiteral(value)}`).join("");
  return `EXEC sp_executesql ${toLiteral(statement)}, ${toLiteral(declared)}${given};`;
}
