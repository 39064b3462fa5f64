import { compareLoosePaths, toFolderKind } from "../../model/package/folder-kind.ts";
import { toLooseScript } from "../../model/package/loose-script.ts";
import type { HashedScript } from "../../model/package/package-hash.ts";
import { refuse, type Refusal, type Result, succeed } from "../../model/result.ts";
import type { ZipEntry } from "./open-zip.ts";
import { readText } from "./read-text.ts";

export const isSql = (entry: ZipEntry): boolean => /\.sql$/i.test(entry.path);

/**
 * The `.sql` files of a zip that nothing describes, in folders or not; other files are passed over. Their folders
 * decide their kinds (`toFolderKind`). Those of one kind run in the order of their whole paths, compared by UTF-16
 * unit: `10.sql` comes before `2.sql`, `B.sql` before `a.sql`.
 */
export async function readSqlZip(entries: readonly ZipEntry[]): Promise<Result<readonly HashedScript[]>> {
  const sql = entries.filter(isSql);
  if (sql.length === 0) {
    return refuse({
      code: "PackageWithoutScripts",
      message: "The zip holds neither a project, nor a package.yaml, nor .sql files.",
    });
  }
  const failures = checkLoosePaths(sql);
  if (failures.length > 0) return refuse(...failures);
  const scripts: HashedScript[] = [];
  for (const entry of sql.toSorted((a, b) => compareLoosePaths(a.path, b.path))) {
    const text = await readText(entry);
    if (!text.ok) return text;
    scripts.push(toLooseScript(entry.path, text.value, toFolderKind(entry.path)));
  }
  return succeed(scripts);
}

/** Loose scripts are known by their whole paths: those must be relative, and each must mean one file. */
export function checkLoosePaths(sql: readonly ZipEntry[]): readonly Refusal[] {
  return [...sql.flatMap(checkRelative), ...findRepeated(sql)];
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
