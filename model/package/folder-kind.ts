import { ScriptKind } from "./manifest.ts";

/**
 * The kind a loose script has by where it lies: the innermost of its folders named `run-once`, `on-change` or `always`
 * (any case) decides; without one it is run-once.
 *
 * @param path its path in the package, with `/`
 */
export function toFolderKind(path: string): ScriptKind {
  const folders = path.toLowerCase().split("/").slice(0, -1);
  return folders.map((folder) => ScriptKind.safeParse(folder).data).findLast(Boolean) ?? "run-once";
}

const places: Readonly<Record<ScriptKind, number>> = { "run-once": 0, "on-change": 1, always: 2 };

/**
 * The order of loose scripts: run-once before on-change before always, for procedures and views need the tables and
 * grants need both; then by whole path, compared by UTF-16 unit.
 */
export function compareLoosePaths(a: string, b: string): number {
  return places[toFolderKind(a)] - places[toFolderKind(b)] || (a < b ? -1 : 1);
}
