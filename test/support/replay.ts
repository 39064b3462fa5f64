import type { OrchestrationContext, Task } from "durable-functions";

/** What an orchestration asked for, as plain data: two replays must ask for the same. */
export interface Command {
  readonly kind: "activity" | "subOrchestration" | "timer" | "event" | "all" | "any";
  readonly name?: string;
  readonly input?: unknown;
  readonly tasks?: readonly Command[];
}

type Orchestration<Output> = (context: OrchestrationContext) => Generator<Task, Output, never>;

/** What the outside answers: an activity's result by name; which of several tasks came first. */
export interface World {
  readonly activity: (name: string, input: unknown) => unknown;
  readonly subOrchestration?: (name: string, input: unknown) => unknown;
  /** Index of the task of a Task.any that completed first. */
  readonly first?: (tasks: readonly Command[]) => number;
}

interface Replayed<Output> {
  readonly output: Output | undefined;
  /** Thrown by the orchestration. */
  readonly error?: unknown;
  readonly commands: readonly Command[];
  readonly continuedAsNew?: unknown;
}

type Result = { readonly value: unknown } | { readonly thrown: unknown };
interface FakeTask extends Command {
  isCompleted: boolean;
  cancel(): void;
}

/** The clock of a replayed orchestration: moved by what happened, not by when it is replayed. */
const startedAt = Date.UTC(2026, 0, 1);

/**
 * Runs an orchestration as Durable Functions does: after everything that completed it starts again from the top
 * and goes through the whole history. Throws when a replay asks for something other than the history has; so an
 * orchestration that came to its end was replayed from every point of its history.
 */
export function replay<Output>(
  orchestration: Orchestration<Output>,
  input: unknown,
  world: World,
): Replayed<Output> {
  const history: { readonly command: Command; readonly result: Result }[] = [];
  for (;;) {
    const continued: { input?: unknown } = {};
    const execution = orchestration(toContext(input, history.length, continued));
    const commands = history.map(({ command }) => command);
    try {
      let step = execution.next();
      for (const { command, result } of history) {
        compare(step.done ? undefined : step.value, command);
        complete(step.value as unknown as FakeTask, result);
        step = "thrown" in result ? execution.throw(result.thrown) : execution.next(result.value as never);
      }
      if (step.done) {
        const end = { output: step.value, commands };
        return "input" in continued ? { ...end, continuedAsNew: continued.input } : end;
      }
      const command = toCommand(step.value as unknown as FakeTask);
      history.push({ command, result: answer(command, world) });
    } catch (error) {
      if (error instanceof DriftError) throw error;
      return { output: undefined, error, commands };
    }
  }
}

class DriftError extends Error {
  override readonly name = "DriftError";
}

function compare(asked: unknown, recorded: Command): void {
  const now = asked === undefined ? "its end" : JSON.stringify(toCommand(asked as FakeTask));
  const before = JSON.stringify(recorded);
  if (now !== before) throw new DriftError(`not deterministic: asked for ${now}, history has ${before}`);
}

function answer(command: Command, world: World): Result {
  try {
    return { value: answers[command.kind](command, world) };
  } catch (thrown) {
    return { thrown };
  }
}

const answers: Readonly<Record<Command["kind"], (command: Command, world: World) => unknown>> = {
  activity: ({ name = "", input }, world) => world.activity(name, input),
  subOrchestration: ({ name = "", input }, world) => world.subOrchestration?.(name, input),
  all: ({ tasks = [] }, world) => tasks.map((task) => valueOf(answer(task, world))),
  any: ({ tasks = [] }, world) => world.first?.(tasks) ?? 0,
  timer: () => undefined,
  event: () => undefined,
};

function valueOf(result: Result): unknown {
  if ("thrown" in result) throw result.thrown;
  return result.value;
}

function complete(task: FakeTask, result: Result): void {
  if (task.kind !== "any" || "thrown" in result) return;
  const winner = task.tasks?.[result.value as number] as FakeTask | undefined;
  if (winner) winner.isCompleted = true;
}

function toCommand({ kind, name, input, tasks }: FakeTask): Command {
  return {
    kind,
    ...(name !== undefined && { name }),
    ...(input !== undefined && { input }),
    ...(tasks && { tasks: tasks.map((task) => toCommand(task as FakeTask)) }),
  };
}

function toContext(input: unknown, turn: number, continued: { input?: unknown }): OrchestrationContext {
  const task = (command: Command): FakeTask => ({ ...command, isCompleted: false, cancel: () => undefined });
  const df = {
    getInput: () => structuredClone(input),
    // The history's time moves on with every turn, and is the same whenever a turn is replayed: fixed here.
    currentUtcDateTime: new Date(startedAt),
    isReplaying: turn > 0,
    setCustomStatus: () => undefined,
    callActivity: (name: string, input: unknown) => task({ kind: "activity", name, input }),
    callActivityWithRetry: (name: string, _: unknown, input: unknown) =>
      task({ kind: "activity", name, input }),
    callSubOrchestrator: (name: string, input: unknown) => task({ kind: "subOrchestration", name, input }),
    createTimer: (at: Date) => task({ kind: "timer", input: at.toISOString() }),
    waitForExternalEvent: (name: string) => task({ kind: "event", name }),
    continueAsNew: (next: unknown) => {
      continued.input = structuredClone(next);
    },
    Task: {
      all: (tasks: readonly FakeTask[]) => task({ kind: "all", tasks }),
      any: (tasks: readonly FakeTask[]) => task({ kind: "any", tasks }),
    },
  };
  return { df } as unknown as OrchestrationContext;
}
