import { type DatabasePair, toScriptDatabase } from "../../model/package/script-database.ts";
import { type Result, refuse, succeed } from "../../model/result.ts";
import type { PreparedScript } from "./prepare-package.ts";

/** What is to be done in one database of a target. */
export interface DatabasePlan {
  readonly name: string;
  /** In package order; none when the package has nothing for this database. */
  readonly scripts: readonly PreparedScript[];
}

/** Groups a package's scripts by the database they run in; databases in the order of the target's pairs. */
export function planDatabases(
  scripts: readonly PreparedScript[],
  pairs: readonly DatabasePair[],
): Result<readonly DatabasePlan[]> {
  const plans = new Map<string, { name: string; scripts: PreparedScript[] }>();
  for (const { override } of pairs) {
    const key = override.toLowerCase();
    if (!plans.has(key)) plans.set(key, { name: override, scripts: [] });
  }
  for (const script of scripts) {
    const database = toScriptDatabase(script.manifest, pairs);
    if (!database.ok) return refuse(...database.failures);
    plans.get(database.value.toLowerCase())?.scripts.push(script);
  }
  return succeed([...plans.values()]);
}
