import { refuse, type Result, succeed } from "../../model/result.ts";
import { decodeText } from "./decode-text.ts";
import type { ZipEntry } from "./open-zip.ts";

/** An entry of the zip as text. */
export async function readText(entry: ZipEntry, mostBytes?: number): Promise<Result<string>> {
  const bytes = await entry.read(mostBytes);
  if (!bytes.ok) return bytes;
  const text = decodeText(bytes.value);
  if (text !== undefined) return succeed(text);
  const message = `'${entry.path}' is not text in UTF-8, or in UTF-16 with a byte-order mark.`;
  return refuse({ code: "ScriptNotText", message, entry: entry.path });
}
