import { toServerKey, toSessionId } from "../../../model/concurrency.ts";
import type { RunPlan } from "../../../model/run-document.ts";
import type { Target } from "../../../model/target.ts";
import type { SqlUnderTest } from "./sql-under-test.ts";

/** A committed script's time in one database, by its server's clock, in milliseconds. */
export interface Span {
  readonly target: Target;
  readonly startedAt: number;
  readonly endedAt: number;
}

export const spanTable = "CREATE TABLE dbo.Span (StartedAt datetime2 NOT NULL, EndedAt datetime2 NOT NULL);";

/** A script that notes its first and its last moment. */
export const inSpan = (work: string): string =>
  `DECLARE @start datetime2 = SYSUTCDATETIME();\n${work}\nINSERT INTO dbo.Span VALUES (@start, SYSUTCDATETIME());`;

/** One for each time the script was committed in the target's database. */
export async function readSpans(sql: SqlUnderTest, target: Target): Promise<readonly Span[]> {
  const rows = await sql.query(target.databases[0]!.override, "SELECT StartedAt, EndedAt FROM dbo.Span");
  return rows.map(({ StartedAt, EndedAt }) => ({
    target,
    startedAt: (StartedAt as Date).getTime(),
    endedAt: (EndedAt as Date).getTime(),
  }));
}

/** The most spans at one moment, by whose cap they count against. */
export function measureOverlap(
  spans: readonly Span[],
  concurrency: RunPlan["concurrency"],
): Readonly<Record<string, number>> {
  const toKey = ({ target }: Span): string => toSessionId(concurrency, target) ?? toServerKey(target.server);
  const most: Record<string, number> = {};
  for (const span of spans) {
    const key = toKey(span);
    const together = spans.filter(
      (other) => toKey(other) === key && other.startedAt <= span.startedAt && span.startedAt < other.endedAt,
    );
    most[key] = Math.max(most[key] ?? 0, together.length);
  }
  return most;
}
