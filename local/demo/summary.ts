import type { Api } from "./api.ts";
import type { RunView } from "./follow.ts";
import type { Proof } from "./fleet.ts";

interface TargetView {
  readonly server: string;
  readonly state: string;
  readonly databases: readonly { readonly override: string }[];
  readonly durationSeconds?: number;
  readonly error?: { readonly code: string; readonly number?: number; readonly message: string };
}

export async function readTargets(api: Api, runId: string): Promise<readonly TargetView[]> {
  const targets: TargetView[] = [];
  let cursor: string | undefined;
  do {
    const query = cursor === undefined ? "" : `?cursor=${cursor}`;
    const { body } = await api.get(`/runs/${runId}/targets${query}`);
    const page = body as unknown as { targets: TargetView[]; cursor?: string };
    targets.push(...page.targets);
    cursor = page.cursor;
  } while (cursor !== undefined);
  return targets;
}

/** What a person wants to know at the end, a line each. */
export function toSummary(
  run: RunView,
  targets: readonly TargetView[],
  proof: readonly Proof[],
): readonly string[] {
  const counts = Object.entries(run.targets).filter(([name, count]) => name === "total" || count > 0);
  const verified = proof.filter(({ releases }) => releases === 1).length;
  const untouched = proof.filter(({ releases, touched }) => releases === 0 && !touched).length;
  return [
    "",
    `Run ${run.id}: ${run.state} in ${run.elapsedSeconds} s, ${run.throughput.targetsPerSecond} targets/s`,
    `  targets    ${counts.map(([name, count]) => `${name} ${count}`).join(" · ")}`,
    `  databases  ${verified} have the release exactly once · ${untouched} untouched · ${proof.length} asked`,
    ...(run.failure ? [`  failure    ${run.failure.code}: ${run.failure.message} ${run.failure.help}`] : []),
    ...toSlowest(targets),
    ...toErrors(targets),
  ];
}

function toSlowest(targets: readonly TargetView[]): readonly string[] {
  const slowest = targets
    .filter(({ durationSeconds }) => durationSeconds !== undefined)
    .toSorted((a, b) => (b.durationSeconds ?? 0) - (a.durationSeconds ?? 0))
    .slice(0, 3);
  return slowest.map((target) => `  slowest    ${target.durationSeconds ?? 0} s  ${toName(target)}`);
}

function toErrors(targets: readonly TargetView[]): readonly string[] {
  const groups = new Map<string, TargetView[]>();
  for (const target of targets) {
    if (!target.error) continue;
    const { code, number, message } = target.error;
    // The database's own name in a message would make every group one of one.
    const names = target.databases.map(({ override }) => override);
    const text = names.reduce((rest, name) => rest.replaceAll(name, "{database}"), message);
    const key = `${target.state}: ${code}${number === undefined ? "" : ` (SQL ${number})`}: ${text}`;
    groups.set(key, [...(groups.get(key) ?? []), target]);
  }
  return [...groups].map(
    ([key, members]) => `  ${members.length} × ${key}\n      ${members.slice(0, 7).map(toName).join(", ")}`,
  );
}

function toName({ server, databases }: TargetView): string {
  return `${server}:${databases.map(({ override }) => override).join(";")}`;
}
