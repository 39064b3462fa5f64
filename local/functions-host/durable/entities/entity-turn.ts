import { describeUnknown, type Engine, findFunction } from "../engine.ts";
import { EventType, stamp } from "../history/events.ts";
import type { EntityRow, QueuedEntityMessage } from "../store/entities.ts";
import type { Changes } from "../store/changes.ts";
import { type Caller, type EntityMessage, parseEntityId, toEntityId } from "./messages.ts";

type Operation = Extract<EntityMessage, { kind: "operation" }>;
type LockMessage = Exclude<EntityMessage, Operation>;

/** What an entity function answers a batch with (durable-functions, entities/EntityState). */
interface EntityState {
  readonly entityExists?: boolean;
  /** JSON text. */
  readonly entityState?: string;
  readonly results: readonly OperationResult[];
  readonly signals: readonly {
    readonly target: { readonly name: string; readonly key: string };
    readonly name: string;
    readonly input: string;
  }[];
}

interface OperationResult {
  readonly isError: boolean;
  /** JSON text. */
  readonly result?: string;
}

/**
 * Takes what is next in an entity's queue: one message about its lock, or all operations up to the next such one.
 * While an orchestration holds the lock, only its messages are taken.
 * @returns false when there was nothing to do.
 */
export async function takeEntityTurn(engine: Engine, entityId: string): Promise<boolean> {
  const row = engine.store.entities.read(entityId);
  const queue = engine.store.entities.messages(entityId).filter(({ message }) => mayPass(message, row));
  const [first] = queue;
  if (first === undefined) return false;
  if (first.message.kind !== "operation") {
    const { seq, message } = first;
    engine.store.commit((changes) => {
      changes.entities.dequeue(seq);
      changeLock(changes, entityId, row, { message, now: engine.clock.now() });
    });
    return true;
  }
  const end = queue.findIndex(({ message }) => message.kind !== "operation");
  const batch = end < 0 ? queue : queue.slice(0, end);
  await runBatch(engine, entityId, batch);
  return true;
}

function mayPass(message: EntityMessage, { lockedBy }: EntityRow): boolean {
  if (lockedBy === null || message.kind === "release") return true;
  return message.kind === "operation" && message.caller?.instanceId === lockedBy;
}

function changeLock(
  changes: Changes,
  entityId: string,
  row: EntityRow,
  { message, now }: { readonly message: LockMessage; readonly now: number },
): void {
  if (message.kind === "release") {
    const lockedBy = row.lockedBy === message.instanceId ? null : row.lockedBy;
    changes.entities.write(entityId, { ...row, lockedBy });
    return;
  }
  changes.entities.write(entityId, { ...row, lockedBy: message.caller.instanceId });
  const position = message.position + 1;
  const next = message.lockSet[position];
  if (next === undefined) answer(changes, message.caller, { id: message.id, isError: false }, now);
  else changes.sendToEntity(next, { ...message, position });
}

async function runBatch(
  engine: Engine,
  entityId: string,
  batch: readonly QueuedEntityMessage[],
): Promise<void> {
  const operations = batch.map(({ message }) => message).filter((each) => each.kind === "operation");
  const state = await askEntity(engine, entityId, operations);
  const now = engine.clock.now();
  engine.store.commit((changes) => {
    for (const { seq } of batch) changes.entities.dequeue(seq);
    const { lockedBy } = changes.entities.read(entityId);
    const exists = state.entityExists === true;
    changes.entities.write(entityId, { state: exists ? (state.entityState ?? "null") : null, lockedBy });
    operations.forEach((operation, index) => {
      const result = state.results[index] ?? { isError: false };
      if (operation.caller !== null) answer(changes, operation.caller, { ...result, id: operation.id }, now);
    });
    for (const { target, name, input } of state.signals) {
      const signal = { kind: "operation", id: crypto.randomUUID(), name, input, caller: null } as const;
      changes.sendToEntity(toEntityId(target.name, target.key), signal);
    }
  });
}

async function askEntity(
  engine: Engine,
  entityId: string,
  operations: readonly Operation[],
): Promise<EntityState> {
  const self = parseEntityId(entityId);
  const { state } = engine.store.entities.read(entityId);
  try {
    const name = findFunction(engine, "entityTrigger", self.name);
    if (name === undefined) throw new Error(describeUnknown(engine, "entityTrigger", self.name));
    const batch = operations.map(({ id, name: operation, input, caller }) => {
      return { id, name: operation, isSignal: caller === null, input: input ?? undefined };
    });
    const json = JSON.stringify({ self, exists: state !== null, state: state ?? undefined, batch });
    const { returnValue } = await engine.invoker.invoke(name, { data: { json } });
    return JSON.parse(returnValue?.json ?? "") as EntityState;
  } catch (error) {
    engine.log({ event: "entity-failed", entityId, error });
    const result = JSON.stringify(error instanceof Error ? error.message : String(error));
    const results = operations.map(() => ({ isError: true, result }));
    return { entityExists: state !== null, entityState: state ?? "null", results, signals: [] };
  }
}

interface Answer extends OperationResult {
  /** Of the call. */
  readonly id: string;
}

function answer(changes: Changes, caller: Caller, { id, ...result }: Answer, now: number): void {
  const reply = result.isError
    ? { result: result.result, exceptionType: "Error" }
    : { result: result.result };
  changes.send(caller.instanceId, caller.executionId, {
    ...stamp(now),
    EventType: EventType.EventRaised,
    Name: id,
    Input: JSON.stringify(reply),
  });
}
