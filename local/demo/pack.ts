import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import yazl from "yazl";

/** A zip of a folder's `.sql` files. */
export async function packScripts(folder: string): Promise<Uint8Array> {
  const zip = new yazl.ZipFile();
  const names = (await readdir(folder)).filter((name) => name.endsWith(".sql")).sort();
  for (const name of names) zip.addFile(join(folder, name), name);
  zip.end();
  return buffer(zip.outputStream);
}
