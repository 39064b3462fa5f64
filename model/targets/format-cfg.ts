import type { DatabasePair } from "../package/script-database.ts";

interface WritableTarget {
  readonly server: string;
  readonly databases: readonly DatabasePair[];
  readonly tag?: string | undefined;
}

/**
 * Writes targets as an sbm target file, all databases and tags kept; `parseCfg` reads the same targets back. Lines end
 * with `\n`, the last one too; no targets make an empty text.
 */
export function formatCfg(targets: readonly WritableTarget[]): string {
  return targets.map((target) => `${formatTarget(target)}\n`).join("");
}

function formatTarget({ server, databases, tag }: WritableTarget): string {
  const pairs = databases.map((pair) =>
    pair.default === "" ? pair.override : `${pair.default},${pair.override}`,
  );
  return `${server}:${pairs.join(";")}${tag === undefined ? "" : `#${tag}`}`;
}
