import type { Engine } from "../engine.ts";
import { EventType, type HistoryEvent, stamp } from "../history/events.ts";
import { hasEnded, type Instance } from "../instance.ts";
import type { InboxMessage } from "../store/inbox.ts";
import type { Changes } from "../store/changes.ts";
import { cutFailure, noticeLarge } from "../text.ts";
import { askOrchestrator, type Reply } from "./ask.ts";
import { carryOut } from "./carry-out.ts";
import { continueAsNew, endInstance } from "./end-instance.ts";
import { nextStep } from "./next-step.ts";
import { planTurn, type TurnPlan } from "./plan.ts";

/**
 * Takes an instance one step further with what lies in its inbox, as one transaction.
 * @returns false when there was nothing to do.
 */
export async function takeTurn(engine: Engine, instanceId: string): Promise<boolean> {
  const { store } = engine;
  const instance = store.instances.read(instanceId);
  if (instance === undefined || hasEnded(instance.status)) return false;
  const history = store.history.read(instanceId);
  const inbox = readInbox(engine, instance);
  const step = nextStep(instance, history, inbox);
  switch (step.kind) {
    case "nothing":
      return false;
    case "terminate":
      terminate(engine, instance, step.message);
      return true;
    case "control":
      suspendOrResume(engine, instance, step.message);
      return true;
    case "run":
      await runTurn(engine, instance, step.messages);
      return true;
  }
}

/** The inbox without what is meant for an execution that continueAsNew has left behind. */
function readInbox(engine: Engine, instance: Instance): InboxMessage[] {
  const inbox = engine.store.inbox.read(instance.id);
  const isStale = ({ executionId }: InboxMessage): boolean =>
    executionId !== undefined && executionId !== instance.executionId;
  const stale = inbox.filter(isStale);
  if (stale.length === 0) return [...inbox];
  engine.store.commit((changes) => {
    for (const { seq } of stale) changes.inbox.delete(seq);
  });
  return inbox.filter((message) => !isStale(message));
}

function terminate(engine: Engine, instance: Instance, { event }: InboxMessage): void {
  if (event.EventType !== EventType.ExecutionTerminated) return;
  engine.store.commit((changes) => {
    changes.history.append(instance.id, [event]);
    const output = JSON.parse(event.Input) as unknown;
    endInstance(changes, instance, { status: "Terminated", output }, engine.clock.now());
  });
}

function suspendOrResume(engine: Engine, instance: Instance, { seq, event }: InboxMessage): void {
  const status = event.EventType === EventType.ExecutionSuspended ? "Suspended" : "Running";
  engine.store.commit((changes) => {
    changes.inbox.delete(seq);
    changes.history.append(instance.id, [event]);
    changes.instances.update({ ...instance, status, updatedAt: engine.clock.now() });
  });
}

async function runTurn(engine: Engine, instance: Instance, messages: readonly InboxMessage[]): Promise<void> {
  const now = engine.clock.now();
  const played = engine.store.history.read(instance.id);
  const delivered = messages.map((message) => message.event);
  const fresh = [{ ...stamp(now), EventType: EventType.OrchestratorStarted }, ...delivered];
  const reply = await askOrchestrator(engine, instance, played, fresh);
  const plan = planTurn({ instance, history: [...played, ...fresh], delivered, reply, now });
  engine.store.commit((changes) => {
    for (const { seq } of messages) changes.inbox.delete(seq);
    changes.history.append(instance.id, fresh);
    commitPlan(engine, changes, withCustomStatus(instance, reply), plan);
  });
}

function withCustomStatus(instance: Instance, reply: Reply): Instance {
  const customStatus = reply.kind === "broke" ? undefined : reply.state.customStatus;
  const running = { ...instance, status: "Running" } as const;
  return customStatus === undefined ? running : { ...running, customStatus: JSON.stringify(customStatus) };
}

function commitPlan(engine: Engine, changes: Changes, instance: Instance, plan: TurnPlan): void {
  const now = engine.clock.now();
  const completed: HistoryEvent = { ...stamp(now), EventType: EventType.OrchestratorCompleted };
  changes.history.append(instance.id, [...plan.scheduled, completed]);
  changes.instances.update({ ...instance, updatedAt: now });
  for (const event of plan.scheduled) {
    if ("Input" in event) noticeLarge(engine, instance.id, `input of ${event.Name}`, event.Input);
    carryOut(changes, instance, event, now);
  }
  for (const taskId of plan.cancelledTimers) changes.cancelTimer(instance.id, taskId);
  commitEnd(engine, changes, instance, plan);
}

function commitEnd(engine: Engine, changes: Changes, instance: Instance, { end }: TurnPlan): void {
  const now = engine.clock.now();
  switch (end.kind) {
    case "waiting":
      return;
    case "completed":
      noticeLarge(engine, instance.id, "output", JSON.stringify(end.output ?? null));
      endInstance(changes, instance, { status: "Completed", output: end.output }, now);
      return;
    case "failed": {
      const output = cutFailure(engine, instance.id, end.reason);
      endInstance(changes, instance, { status: "Failed", output }, now);
      return;
    }
    case "continued":
      noticeLarge(engine, instance.id, "input of continueAsNew", end.input);
      continueAsNew(changes, instance, end, now);
      return;
  }
}
