import { EventEmitter } from "node:events";
import type { DurableBackend } from "../invoker.ts";
import { type Activities, createActivities } from "./activities.ts";
import { createEntities, type Entities } from "./entities/entities.ts";
import { type Engine, endedEvent } from "./engine.ts";
import { answerEmpty } from "./http/call.ts";
import { handleRequest } from "./http/handle.ts";
import { createUrls } from "./http/urls.ts";
import { type DurableOptions, readLimits } from "./options.ts";
import { openStore } from "./store/store.ts";
import { createTimers, type Timers } from "./timers.ts";
import { createTurns, type Turns } from "./turn/turns.ts";

/**
 * The Durable Functions backend on one SQLite file: what the Durable Task extension and Azure Storage are to the
 * real Functions host. All state is in the file; every turn is one transaction; a new backend on the same file goes
 * on where the last one stopped or was killed. One process may have a file open at a time.
 *
 * Nothing runs before `start`; what `handle` accepts before is kept.
 *
 * How it goes: a client's request (http/, client/) or an answer puts an event into an instance's inbox (store/); the
 * instance takes a turn (turn/): the orchestrator runs over its history plus the inbox, and what it asks for is
 * planned and committed as history and queued work; activities, timers and entities do that work and answer.
 */
export function createDurableBackend(options: DurableOptions): DurableBackend {
  const engine: Engine = {
    store: openStore(options.storeFile),
    invoker: options.invoker,
    clock: options.clock,
    limits: readLimits(options.limits),
    log: options.log ?? (() => undefined),
    ended: new EventEmitter().setMaxListeners(0),
  };
  const urls = createUrls(options);
  const activities = createActivities(engine);
  const workers: Workers = {
    activities,
    turns: createTurns(engine, activities.outstanding),
    timers: createTimers(engine),
    entities: createEntities(engine),
  };
  let stopped = false;
  return {
    clientBinding: urls.clientBinding,
    handle: async (request) =>
      stopped ? answerEmpty(503) : await handleRequest(engine, urls, options.systemKey, request),
    start: () => {
      listen(engine, workers);
      takeUp(engine, workers);
      return Promise.resolve();
    },
    stop: async () => {
      workers.timers.stop();
      await Promise.all([workers.turns.stop(), workers.activities.stop(), workers.entities.stop()]);
      stopped = true;
      engine.store.close();
    },
  };
}

interface Workers {
  readonly activities: Activities;
  readonly turns: Turns;
  readonly timers: Timers;
  readonly entities: Entities;
}

/** Hands what a transaction left in the store to those who act on it. */
function listen(engine: Engine, { activities, turns, timers, entities }: Workers): void {
  engine.store.listen({
    inboxChanged: turns.wake,
    activityScheduled: activities.enqueue,
    timerSet: timers.set,
    timerCancelled: timers.cancel,
    timersCleared: timers.clear,
    entityChanged: entities.wake,
    instanceEnded: ({ id, name, status, output }) => {
      engine.store.history.forget(id);
      const reason = status === "Completed" ? {} : { reason: String(JSON.parse(output)) };
      engine.log({ event: "instance-ended", instanceId: id, name, status, ...reason });
      engine.ended.emit(endedEvent(id));
    },
  });
}

/** Takes up what was in the queues when the last process ended. */
function takeUp({ store }: Engine, { activities, turns, timers, entities }: Workers): void {
  for (const item of store.activities.all()) activities.enqueue(item);
  for (const item of store.timers.all()) timers.set(item);
  for (const id of store.inbox.waiting()) turns.wake(id);
  for (const id of store.entities.waiting()) entities.wake(id);
}
