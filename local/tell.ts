import Table from "cli-table3";
import type { Stack } from "./stack.ts";

/** What listens where, and how to look inside. */
export function tellStarted({ file, listening }: Stack, path: string, write: (line: string) => void): void {
  const table = new Table({ head: ["part", "address"], style: { head: [], border: [] } });
  for (const { name, address } of listening) table.push([name, address]);
  write(table.toString());
  write(`API           ${file.api}   (header x-functions-key: ${file.functionKey})`);
  write(`All addresses and made-up credentials are in ${path}. Ctrl-C stops everything.`);
}
