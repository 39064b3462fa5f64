import { strict, type NativeFunctions } from "./context.ts";

function quoteName(text: string, mark: string): string | null {
  if (text.length > 128) return null;
  if (mark === "'" || mark === '"') return mark + text.replaceAll(mark, mark + mark) + mark;
  return `[${text.replaceAll("]", "]]")}]`;
}

/** PARSENAME counts the parts from the right. */
function parseName(name: string, part: number): string | null {
  const parts = name.split(".").map((text) => text.replace(/^\[(.*)\]$/, "$1"));
  return parts.reverse()[part - 1] ?? null;
}

export const TEXTS: NativeFunctions = {
  // The translator made every argument text; null counts as empty.
  concat: { pure: true, run: (values) => values.map((value) => value ?? "").join("") },
  concat_ws: {
    pure: true,
    run: ([separator, ...values]) => values.filter((value) => value !== null).join(String(separator ?? "")),
  },
  quotename: strict(([text, mark]) => quoteName(String(text), String(mark ?? "["))),
  parsename: strict(([text, part]) => parseName(String(text), Number(part))),
  ascii: strict(([text]) => (text === "" ? null : (Buffer.from(String(text), "latin1")[0] ?? null))),
  unicode: strict(([text]) => (text === "" ? null : String(text).charCodeAt(0))),
  char: strict(([code]) =>
    Number(code) < 0 || Number(code) > 255 ? null : Buffer.from([Number(code)]).toString("latin1"),
  ),
  nchar: strict(([code]) => String.fromCharCode(Number(code))),
};
