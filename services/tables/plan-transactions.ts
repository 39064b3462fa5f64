/** A Table transaction takes 100 operations: one is the summary's. */
const mostRows = 99;
/** And 4 MiB in all, of which the summary and the frame around each row take a little. */
const mostBytes = 3 * 1024 * 1024;

/** Splits records into parts that each fit one transaction, in order. */
export function toTransactions<Item>(items: readonly Item[], toRow: (item: Item) => object): Item[][] {
  const parts: Item[][] = [];
  let part: Item[] = [];
  let bytes = 0;
  for (const item of items) {
    const size = Buffer.byteLength(JSON.stringify(toRow(item)));
    if (part.length === mostRows || (part.length > 0 && bytes + size > mostBytes)) {
      parts.push(part);
      part = [];
      bytes = 0;
    }
    part.push(item);
    bytes += size;
  }
  return part.length > 0 ? [...parts, part] : parts;
}
