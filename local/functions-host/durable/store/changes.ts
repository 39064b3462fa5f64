import type { EntityMessage } from "../entities/messages.ts";
import type { HistoryEvent } from "../history/events.ts";
import { hasEnded, type Instance } from "../instance.ts";
import type { EntityRows } from "./entities.ts";
import type { HistoryRows } from "./history.ts";
import type { InboxRows } from "./inbox.ts";
import type { InstanceRows } from "./instances.ts";
import type { ActivityItem, ActivityRows, TimerItem, TimerRows } from "./work.ts";

export interface Rows {
  readonly instances: InstanceRows;
  readonly history: HistoryRows;
  readonly inbox: InboxRows;
  readonly activities: ActivityRows;
  readonly timers: TimerRows;
  readonly entities: EntityRows;
}

/** Who acts on what a transaction left behind; called only after it is on disk. */
export interface StoreListeners {
  readonly inboxChanged: (instanceId: string) => void;
  readonly activityScheduled: (item: ActivityItem) => void;
  readonly timerSet: (item: TimerItem) => void;
  readonly timerCancelled: (instanceId: string, taskId: number) => void;
  readonly timersCleared: (instanceId: string) => void;
  readonly entityChanged: (entityId: string) => void;
  readonly instanceEnded: (instance: Instance) => void;
}

/** What one transaction may change. */
export interface Changes extends Rows {
  /** Sends an event to an instance; an instance that has ended, or runs another execution, does not get it. */
  send(instanceId: string, executionId: string | undefined, event: HistoryEvent): void;
  begin(instance: Instance, firstEvents: readonly HistoryEvent[]): void;
  scheduleActivity(item: Omit<ActivityItem, "seq">): void;
  setTimer(item: TimerItem): void;
  cancelTimer(instanceId: string, taskId: number): void;
  clearTimers(instanceId: string): void;
  sendToEntity(entityId: string, message: EntityMessage): void;
  /** Calls back once the transaction is on disk. */
  afterwards(act: (listeners: StoreListeners) => void): void;
}

export function createChanges(rows: Rows, afterwards: Changes["afterwards"]): Changes {
  return { ...rows, afterwards, ...instanceVerbs(rows, afterwards), ...queueVerbs(rows, afterwards) };
}

function instanceVerbs(rows: Rows, afterwards: Changes["afterwards"]): Pick<Changes, "send" | "begin"> {
  return {
    send: (instanceId, executionId, event) => {
      const instance = rows.instances.read(instanceId);
      if (instance === undefined || hasEnded(instance.status)) return;
      if (executionId !== undefined && executionId !== instance.executionId) return;
      rows.inbox.append(instanceId, executionId, event);
      afterwards((to) => {
        to.inboxChanged(instanceId);
      });
    },
    begin: (instance, firstEvents) => {
      rows.instances.insert(instance);
      rows.history.replace(instance.id, []);
      rows.inbox.clear(instance.id);
      rows.inbox.prepend(instance.id, firstEvents);
      afterwards((to) => {
        to.inboxChanged(instance.id);
      });
    },
  };
}

type QueueVerb = "scheduleActivity" | "setTimer" | "cancelTimer" | "clearTimers" | "sendToEntity";

function queueVerbs(rows: Rows, afterwards: Changes["afterwards"]): Pick<Changes, QueueVerb> {
  return {
    scheduleActivity: (item) => {
      const stored = rows.activities.insert(item);
      afterwards((to) => {
        to.activityScheduled(stored);
      });
    },
    setTimer: (item) => {
      rows.timers.insert(item);
      afterwards((to) => {
        to.timerSet(item);
      });
    },
    cancelTimer: (instanceId, taskId) => {
      rows.timers.delete(instanceId, taskId);
      afterwards((to) => {
        to.timerCancelled(instanceId, taskId);
      });
    },
    clearTimers: (instanceId) => {
      rows.timers.clear(instanceId);
      afterwards((to) => {
        to.timersCleared(instanceId);
      });
    },
    sendToEntity: (entityId, message) => {
      rows.entities.enqueue(entityId, message);
      afterwards((to) => {
        to.entityChanged(entityId);
      });
    },
  };
}
