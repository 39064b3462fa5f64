/** A text property holds 64 KiB of UTF-16; a little less, so that no half of a surrogate pair is in the way. */
const mostCharacters = 32_000;

/**
 * One JSON document as the columns `json`, `json1`, … of a row: one target can have hundreds of databases, more
 * than one property takes. (A row takes 1 MiB.)
 */
export function toJsonColumns(document: unknown): Readonly<Record<string, string>> {
  const text = JSON.stringify(document);
  const columns: Record<string, string> = {};
  for (let start = 0, index = 0; start < text.length; index += 1) {
    const end = endOfPart(text, start);
    columns[nameOf(index)] = text.slice(start, end);
    start = end;
  }
  return columns;
}

export function parseJsonColumns(row: Readonly<Record<string, unknown>>): unknown {
  let text = "";
  for (let index = 0; row[nameOf(index)] !== undefined; index += 1) text += String(row[nameOf(index)]);
  return JSON.parse(text);
}

/** Between two characters, never within one. */
function endOfPart(text: string, start: number): number {
  const end = start + mostCharacters;
  const splitsPair = end < text.length && /[\uD800-\uDBFF]/.test(text.charAt(end - 1));
  return splitsPair ? end - 1 : end;
}

function nameOf(index: number): string {
  return index === 0 ? "json" : `json${index}`;
}
