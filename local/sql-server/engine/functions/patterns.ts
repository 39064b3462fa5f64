import QuickLRU from "quick-lru";
import { strict, type NativeFunctions } from "./context.ts";

const expressions = new QuickLRU<string, RegExp>({ maxSize: 200 });

/** A LIKE pattern (% _ [a-z] [^x]) as a regular expression over the whole text, blind to case. */
function toRegExp(pattern: string, escape: string): RegExp {
  const key = `${escape}\u0000${pattern}`;
  const known = expressions.get(key);
  if (known !== undefined) return known;
  const expression = new RegExp(`^${toSource(pattern, escape)}$`, "isu");
  expressions.set(key, expression);
  return expression;
}

/** LIKE without an escape character. */
export function matchesPattern(text: string, pattern: string): boolean {
  return toRegExp(pattern, "").test(text);
}

function toSource(pattern: string, escape: string): string {
  let source = "";
  for (let at = 0; at < pattern.length; at++) {
    const char = pattern[at] ?? "";
    const close = char === "[" ? pattern.indexOf("]", at + 1) : -1;
    if (char === escape && escape !== "") source += literal(pattern[++at] ?? "");
    else if (char === "%") source += ".*";
    else if (char === "_") source += ".";
    else if (close > 0) {
      source += toClass(pattern.slice(at + 1, close));
      at = close;
    } else source += literal(char);
  }
  return source;
}

/** What stands between brackets; `-` and a leading `^` keep their meaning. */
function toClass(inner: string): string {
  const negated = inner.startsWith("^");
  const chars = (negated ? inner.slice(1) : inner).replace(/[\\\]^[&~|]/g, "\\$&");
  return chars === ""
    ? "(?!)"
    : `[${negated ? "^" : ""}${/^-|-$/.test(chars) ? chars.replaceAll("-", "\\-") : chars}]`;
}

function literal(char: string): string {
  return /[.*+?^${}()|[\]\\/-]/.test(char) ? `\\${char}` : char;
}

/** PATINDEX: the position of the first match, where the pattern's outer % say whether it may float. */
function patternIndex(pattern: string, text: string): number {
  const floats = pattern.startsWith("%");
  const inner = pattern.replace(/^%/, "").replace(/%$/, "");
  const source = `${floats ? "" : "^"}${toSource(inner, "")}${pattern.endsWith("%") ? "" : "$"}`;
  return text.search(new RegExp(source, "isu")) + 1;
}

export const PATTERNS: NativeFunctions = {
  like: strict(([text, pattern, escape]) =>
    toRegExp(String(pattern), String(escape ?? "")).test(String(text)) ? 1 : 0,
  ),
  patindex: strict(([pattern, text]) => patternIndex(String(pattern), String(text))),
};
