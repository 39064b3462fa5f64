import { sqlError } from "../errors.ts";
import { strict, type NativeFunctions } from "./context.ts";

/** @throws SqlError 537 */
function lengthOf(value: unknown): number {
  const length = Number(value);
  if (length >= 0) return length;
  throw sqlError("Invalid length parameter passed to the LEFT or SUBSTRING function.", {
    number: 537,
    state: 3,
  });
}

function substring(text: string, start: number, length: number): string {
  const from = Math.max(1, start);
  return text.slice(from - 1, Math.max(from - 1, start - 1 + length));
}

/** Case-insensitive; replaces every occurrence. */
function replace(text: string, pattern: string, replacement: string): string {
  if (pattern === "") return text;
  const escaped = pattern.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  return text.replace(new RegExp(escaped, "gi"), () => replacement);
}

function stuff(text: string, start: number, length: number, insert: string): string | null {
  if (start < 1 || start > text.length || length < 0) return null;
  return text.slice(0, start - 1) + insert + text.slice(start - 1 + length);
}

export const STRINGS: NativeFunctions = {
  len: strict(([text]) => String(text).replace(/ +$/, "").length),
  substring: strict(([text, start, length]) => substring(String(text), Number(start), lengthOf(length))),
  left: strict(([text, length]) => String(text).slice(0, lengthOf(length))),
  right: strict(([text, length]) => {
    const size = lengthOf(length);
    return size === 0 ? "" : String(text).slice(-size);
  }),
  upper: strict(([text]) => String(text).toUpperCase()),
  lower: strict(([text]) => String(text).toLowerCase()),
  ltrim: strict(([text]) => String(text).replace(/^ +/, "")),
  rtrim: strict(([text]) => String(text).replace(/ +$/, "")),
  trim: strict(([text]) => String(text).replace(/^ +| +$/g, "")),
  replace: strict(([text, pattern, by]) => replace(String(text), String(pattern), String(by))),
  replicate: strict(([text, count]) =>
    Number(count) < 0
      ? null
      : String(text)
          .repeat(Number(count))
          .slice(0, 1 << 24),
  ),
  space: strict(([count]) => (Number(count) < 0 ? null : " ".repeat(Number(count)))),
  reverse: strict(([text]) => Array.from(String(text)).reverse().join("")),
  stuff: {
    pure: true,
    run: ([text, start, length, insert]) =>
      text === null || start === null || length === null
        ? null
        : stuff(String(text), Number(start), Number(length), String(insert ?? "")),
  },
  charindex: strict(([wanted, text, start]) => {
    const from = Math.max(0, Number(start ?? 1) - 1);
    return wanted === "" ? 0 : String(text).toLowerCase().indexOf(String(wanted).toLowerCase(), from) + 1;
  }),
};
