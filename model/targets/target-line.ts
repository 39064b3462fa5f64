import type { DatabasePair } from "../package/script-database.ts";
import type { Refusal } from "../result.ts";

/** One target as a caller wrote it: one line of a `.cfg` file, or one element of a JSON list. */
export interface TargetLine {
  readonly server: string;
  /** At least one; a transaction each, committed in this order. */
  readonly databases: readonly DatabasePair[];
  readonly tag?: string;
  /** 1-based line of the file, or place in the list. */
  readonly line: number;
}

/**
 * What is wrong with a target by itself, as one refusal, or `undefined`. Both ways to write targets obey this, so
 * every accepted target can be written as a `.cfg` line and read back the same.
 */
export function checkTarget(target: TargetLine): Refusal | undefined {
  const { server, databases, line } = target;
  if (server === "") return { code: "TargetServerMissing", message: "The server is missing.", line };
  if (databases.length === 0 || databases.some((pair) => pair.override === "")) {
    return { code: "TargetDatabaseMissing", message: `Server '${server}' has an empty database.`, line };
  }
  return checkNames(target) ?? checkDefaults(target);
}

/** Characters by which a `.cfg` line is taken apart cannot be part of a name. */
function checkNames({ server, databases, tag, line }: TargetLine): Refusal | undefined {
  const names = databases.flatMap((pair) => [pair.default, pair.override]);
  const bad =
    [server].find((name) => !isPlain(name) || /[;#]|^--|^\/\//.test(name)) ??
    names.find((name) => !isPlain(name) || /[;#:,]/.test(name)) ??
    (tag === undefined || (isPlain(tag) && tag !== "" && !tag.includes("#")) ? undefined : tag);
  if (bad === undefined) return undefined;
  return { code: "TargetNameInvalid", message: `'${bad}' cannot be a server, database or tag.`, line };
}

/** SQL Server's longest name, and Service Bus's longest session id, which a server or a tag becomes. */
const longestName = 128;

/** No white space around it, no control characters, not in single quotes. */
const isPlain = (name: string): boolean =>
  name.length <= longestName &&
  name.trim() === name &&
  !/\p{Cc}/u.test(name) &&
  !/^'.*'$/.test(name) &&
  !name.startsWith("\uFEFF");

/** The second pair of one default would never be used, and its database silently left as it is. */
function checkDefaults({ server, databases, line }: TargetLine): Refusal | undefined {
  const seen = new Set<string>();
  for (const pair of databases) {
    const key = pair.default.toLowerCase();
    if (seen.has(key)) {
      const message = `Server '${server}' has the default database '${pair.default}' more than once.`;
      return { code: "TargetDefaultRepeated", message, line };
    }
    seen.add(key);
  }
  return undefined;
}
