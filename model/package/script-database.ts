import { refuse, type Result, succeed } from "../result.ts";

export interface DatabasePair {
  /** The name the scripts were written for; "" stands for any. */
  readonly default: string;
  /** The database on the server that takes its place. */
  readonly override: string;
}

/**
 * The database of a target in which a script runs. A script without a default database runs in the first pair's; else
 * the pair of the same default (any case) decides, else one without a default. Where sbm would fall back to the
 * script's own database name, outside the list, this refuses.
 *
 * @param pairs the target's pairs; at least one
 */
export function toScriptDatabase(
  script: { readonly fileName: string; readonly database: string },
  pairs: readonly DatabasePair[],
): Result<string> {
  const wanted = script.database.trim().toLowerCase();
  const pair =
    wanted === ""
      ? pairs[0]
      : (pairs.find((each) => each.default.toLowerCase() === wanted) ??
        pairs.find((each) => each.default === ""));
  if (pair !== undefined) return succeed(pair.override);
  const defaults = pairs.map((each) => `'${each.default}'`).join(", ");
  return refuse({
    code: "ScriptWithoutDatabase",
    message: `Script '${script.fileName}' is for database '${script.database}'; the target has ${defaults}.`,
    entry: script.fileName,
  });
}
