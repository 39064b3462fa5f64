import { setTimeout as wait } from "node:timers/promises";
import type { Api } from "../demo/api.ts";
import type { Fleet } from "../demo/fleet.ts";
import type { RunView } from "../demo/follow.ts";
import { readTargets } from "../demo/summary.ts";
import type { Stack } from "../stack.ts";

export interface Verdict {
  /** Databases by the state the run reports. */
  readonly outcomes: Readonly<Record<string, number>>;
  /** One sentence each. */
  readonly violations: readonly string[];
}

/** Rows of dbo.Chaos: one for each execution of the script that was committed. */
const countRows = "SELECT COUNT(*) AS n FROM dbo.Chaos";
/** How long what a run made may outlive it, in seconds: its last workers say goodbye. */
const goodbye = 30;

/** Holds what the run reports against what the databases say. */
export async function verify(api: Api, fleet: Fleet, run: RunView, stack: Stack): Promise<Verdict> {
  const targets = await readTargets(api, run.id);
  const reported = new Map(
    targets.map(({ server, databases, state }) => [`${server}/${databases[0]?.override ?? ""}`, state]),
  );
  const outcomes = countBy([...reported.values()]);
  const answers = await fleet.ask(countRows);
  const databases = answers.flatMap(({ database, row }) => {
    const name = `${database.server}/${database.name}`;
    return judge(name, reported.get(name), Number(row?.["n"] ?? 0));
  });
  return {
    outcomes,
    violations: [...databases, ...checkCounts(run, outcomes), ...(await findLeftovers(stack))],
  };
}

function judge(name: string, state: string | undefined, rows: number): readonly string[] {
  if (rows > 1) return [`${name} was changed ${rows} times; it is reported ${String(state)}.`];
  if (state === undefined) return [`${name} is not reported.`];
  if (state === "queued" || state === "running")
    return [`${name} is reported ${state} though the run is over.`];
  return (state === "committed") === (rows === 1)
    ? []
    : [`${name} has ${rows} rows and is reported ${state}.`];
}

function checkCounts(run: RunView, outcomes: Verdict["outcomes"]): readonly string[] {
  const { total = 0, ...states } = run.targets;
  const sum = Object.values(states).reduce((all, count) => all + count, 0);
  return [
    ...(sum === total ? [] : [`The run counts ${sum} of ${total} targets: ${JSON.stringify(states)}.`]),
    ...Object.entries(states)
      .filter(([state, count]) => count !== (outcomes[state] ?? 0))
      .map(([state, count]) => `The run counts ${count} ${state}, its list has ${outcomes[state] ?? 0}.`),
  ];
}

async function findLeftovers({ serviceBus, batch }: Stack): Promise<readonly string[]> {
  const look = (): readonly string[] => [
    ...serviceBus.subscriptions().map((path) => `Subscription ${path} is left.`),
    ...batch.jobs().map((id) => `Job ${id} is left.`),
    ...batch.running().map(({ taskId, pid }) => `Task ${taskId} still runs (process ${pid}).`),
  ];
  for (let seconds = 0; seconds < goodbye && look().length > 0; seconds += 0.5) await wait(500);
  return look();
}

function countBy(values: readonly string[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const value of values) counts[value] = (counts[value] ?? 0) + 1;
  return counts;
}
