/** A piece of a SQL filter expression. Names are as spelt; keywords are names until the parser says otherwise. */
export type SqlToken =
  | { readonly kind: "name"; readonly text: string; readonly quoted: boolean }
  | { readonly kind: "parameter"; readonly text: string }
  | { readonly kind: "string"; readonly text: string }
  | { readonly kind: "number"; readonly value: number }
  | { readonly kind: "symbol"; readonly text: string };

const pattern = new RegExp(
  [
    String.raw`(?<space>\s+)`,
    String.raw`'(?<string>(?:[^']|'')*)'`,
    String.raw`(?<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)`,
    String.raw`@(?<parameter>\w+)`,
    String.raw`\[(?<bracketed>[^\]]+)\]`,
    String.raw`"(?<quoted>[^"]+)"`,
    String.raw`(?<name>[A-Za-z_][\w]*)`,
    String.raw`(?<symbol><>|!=|<=|>=|[=<>(),.\-+])`,
  ].join("|"),
  "y",
);

/** @throws Error that names the place of what cannot be read. */
export function tokenizeSql(expression: string): SqlToken[] {
  const tokens: SqlToken[] = [];
  let at = 0;
  while (at < expression.length) {
    pattern.lastIndex = at;
    const match = pattern.exec(expression);
    if (!match)
      throw new Error(`The SQL filter cannot be read at position ${at}: ${expression.slice(at, at + 20)}`);
    const token = toToken(match.groups ?? {});
    if (token) tokens.push(token);
    at += match[0].length;
  }
  return tokens;
}

function toToken(groups: Readonly<Record<string, string | undefined>>): SqlToken | undefined {
  const { string, number, parameter, bracketed, quoted, name, symbol } = groups;
  const quotedName = bracketed ?? quoted;
  if (string !== undefined) return { kind: "string", text: string.replaceAll("''", "'") };
  if (number !== undefined) return { kind: "number", value: Number(number) };
  if (parameter !== undefined) return { kind: "parameter", text: parameter };
  if (quotedName !== undefined) return { kind: "name", text: quotedName, quoted: true };
  if (name !== undefined) return { kind: "name", text: name, quoted: false };
  return symbol === undefined ? undefined : { kind: "symbol", text: symbol };
}
