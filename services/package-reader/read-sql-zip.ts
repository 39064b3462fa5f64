import { toLooseScript } from "../../model/package/loose-script.ts";
import type { HashedScript } from "../../model/package/package-hash.ts";
import { refuse, type Refusal, type Result, succeed } from "../../model/result.ts";
import type { ZipEntry } from "./open-zip.ts";
import { readText } from "./read-text.ts";

/**
 * The `.sql` files of a zip without XML, in folders or not; other files are passed over. They run in the order of
 * their whole paths, compared by UTF-16 unit: `10.sql` comes before `2.sql`, `B.sql` before `a.sql`.
 */
export async function readSqlZip(entries: readonly ZipEntry[]): Promise<Result<readonly HashedScript[]>> {
  const sql = entries.filter((entry) => /\.sql$/i.test(entry.path));
  if (sql.length === 0) {
    return refuse({
      code: "PackageWithoutScripts",
      message: "The zip holds neither a project nor .sql files.",
    });
  }
  const failures = [...sql.flatMap(checkRelative), ...findRepeated(sql)];
  if (failures.length > 0) return refuse(...failures);
  const scripts: HashedScript[] = [];
  for (const entry of sql.toSorted((a, b) => (a.path < b.path ? -1 : 1))) {
    const text = await readText(entry);
    if (!text.ok) return text;
    scripts.push(toLooseScript(entry.path, text.value));
  }
  return succeed(scripts);
}

function checkRelative({ path }: ZipEntry): readonly Refusal[] {
  const isAbsolute = path.startsWith("/") || /^[a-z]:/i.test(path);
  const message = `The zip has an entry named '${path}'.`;
  return isAbsolute ? [{ code: "ZipUnsafePath", message, entry: path }] : [];
}

/** Names that differ in case alone are one file on the systems most packages come from. */
function findRepeated(entries: readonly ZipEntry[]): readonly Refusal[] {
  const seen = new Set<string>();
  return entries.flatMap(({ path }) => {
    const key = path.toLowerCase();
    const isRepeated = seen.has(key);
    seen.add(key);
    const message = `The zip has more than one entry named '${path}'.`;
    return isRepeated ? [{ code: "ZipDuplicateName", message, entry: path } as const] : [];
  });
}
