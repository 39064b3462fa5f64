import { z } from "zod";
import type { Result } from "../result.ts";
import { collectTargets } from "./collect-targets.ts";
import type { TargetLine } from "./target-line.ts";

/** One target in a JSON list. A missing default stands for any. */
export const TargetItem = z.object({
  server: z.string(),
  databases: z.array(z.object({ default: z.string().default(""), override: z.string() })),
  tag: z.string().optional(),
});
export type TargetItem = z.infer<typeof TargetItem>;

/** Targets from a JSON list, under the same rules as a `.cfg` file; `line` is the place in the list, from 1. */
export function parseTargets(list: readonly TargetItem[]): Result<readonly TargetLine[]> {
  return collectTargets(list.map(toTargetLine));
}

function toTargetLine({ server, databases, tag }: TargetItem, index: number): TargetLine {
  const trimmedTag = tag?.trim() ?? "";
  return {
    server: server.trim(),
    databases: databases.map((pair) => ({ default: pair.default.trim(), override: pair.override.trim() })),
    ...(trimmedTag !== "" && { tag: trimmedTag }),
    line: index + 1,
  };
}
