import { inspect } from "node:util";
import type { ResultSink } from "../apply/sql/result-sink.ts";

/** Rows of one result set that are written; the rest is counted. */
const rowsPerSet = 100;
const charactersPerValue = 4_000;
/** Characters of results one log holds. Our own lines are always written. */
const resultCharacters = 50 * 1024 * 1024;

/** Results of scripts as readable text: tab between values, PRINT as it comes, long ones cut. */
export function createResultWriter(write: (text: string) => void): ResultSink {
  const output = limit(write);
  let rows = 0;
  const endSet = (): void => {
    if (rows > rowsPerSet) output(`    … ${rows - rowsPerSet} more rows\n`);
    rows = 0;
  };
  return {
    columns: (names) => {
      endSet();
      output(`    ${names.map((name) => name || "(no name)").join("\t")}\n`);
    },
    row: (values) => {
      rows += 1;
      if (rows <= rowsPerSet) output(`    ${values.map(toText).join("\t")}\n`);
    },
    rowsAffected: (count) => {
      endSet();
      output(`    (${count} rows)\n`);
    },
    message: (text) => {
      output(`    ${text}\n`);
    },
  };
}

function limit(write: (text: string) => void): (text: string) => void {
  let left = resultCharacters;
  return (text) => {
    if (left <= 0) return;
    left -= text.length;
    write(text);
    if (left <= 0) write(`    … cut: a log holds ${resultCharacters} characters of results\n`);
  };
}

function toText(value: unknown): string {
  if (value === null || value === undefined) return "NULL";
  if (value instanceof Date) return value.toISOString();
  if (Buffer.isBuffer(value)) return `0x${value.subarray(0, charactersPerValue / 2).toString("hex")}`;
  const text = typeof value === "string" ? value : inspect(value);
  return text.length > charactersPerValue ? `${text.slice(0, charactersPerValue)}…` : text;
}
