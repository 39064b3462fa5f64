import { setTimeout as wait } from "node:timers/promises";
import { type ServiceBusSessionReceiver, isServiceBusError } from "@azure/service-bus";
import { HeldSession } from "./held-session.ts";
import { type Source, isGone } from "./receive-messages.ts";
import type { TargetHandlers, TargetReceiver } from "./target-receiver.ts";

/** Milliseconds before asking again after a refusal. */
const pause = 500;
/**
 * Milliseconds for one request, which waits 10 s for a session. When the connection is cut while the SDK still asks for
 * leave to make it, the SDK waits a minute for an answer that cannot come.
 */
const acceptWithin = 15_000;

/**
 * Targets by session: of each, up to `perSession` at once, by one worker at a time, so that is the most the whole fleet
 * has in hand of it. Takes sessions as long as there are slots: one that runs dry makes room for the next.
 */
export function createSessionReceiver(source: Source, perSession: number): TargetReceiver {
  const held = new Set<HeldSession>();
  const stopped = new AbortController();
  const relief = createRelief();

  const hold = (receiver: ServiceBusSessionReceiver, handlers: TargetHandlers): void => {
    const onRelief = (session: HeldSession): void => {
      if (session.isOver) held.delete(session);
      relief.tell();
    };
    held.add(new HeldSession(receiver, { perSession, handlers, onRelief }));
  };
  const acceptSessions = async (slots: number, handlers: TargetHandlers): Promise<void> => {
    while (!stopped.signal.aborted) {
      if (countDemand(held) >= slots) {
        await relief.come();
        continue;
      }
      const receiver = await accept(source, stopped.signal, handlers);
      if (receiver) hold(receiver, handlers);
    }
  };
  const stopAccepting = (): void => {
    stopped.abort();
    relief.tell();
  };

  return {
    start: (slots, handlers) => {
      void acceptSessions(slots, handlers);
    },
    stop: async () => {
      stopAccepting();
      await Promise.all([...held].map((session) => session.stop()));
    },
    close: async () => {
      stopAccepting();
      await Promise.all([...held].map((session) => session.close()));
      await source.client.close();
    },
  };
}

function countDemand(held: Iterable<HeldSession>): number {
  return [...held].reduce((sum, session) => sum + session.demand, 0);
}

/** The next session that has messages and no holder. @returns undefined when there is none for now */
async function accept(
  { client, topic, subscription }: Source,
  abortSignal: AbortSignal,
  handlers: TargetHandlers,
): Promise<ServiceBusSessionReceiver | undefined> {
  try {
    // The SDK looks at the signal before and after its request, not meanwhile.
    const receiver = await inTime(
      client.acceptNextSession(topic, subscription, { maxAutoLockRenewalDurationInMs: 0, abortSignal }),
    );
    if (!abortSignal.aborted) return receiver;
    await receiver?.close();
    return undefined;
  } catch (error) {
    if (abortSignal.aborted || isNoneFree(error)) return undefined;
    if (isGone(error)) handlers.gone();
    else handlers.disturbed(error);
    await wait(pause, undefined, { signal: abortSignal }).catch(() => undefined);
    return undefined;
  }
}

/** @returns undefined when it takes too long; a session that comes after that is let go of at once */
async function inTime(
  accepting: Promise<ServiceBusSessionReceiver>,
): Promise<ServiceBusSessionReceiver | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, acceptWithin, undefined);
  });
  try {
    const receiver = await Promise.race([accepting, late]);
    if (!receiver) accepting.then((tooLate) => tooLate.close()).catch(() => undefined);
    return receiver;
  } finally {
    clearTimeout(timer);
  }
}

/** The time is up that a request waits for a session, by the service's clock or by ours. */
export function isNoneFree(error: unknown): boolean {
  const codes: readonly unknown[] = ["ServiceTimeout", "SessionCannotBeLocked", "OperationTimeoutError"];
  return isServiceBusError(error) && codes.includes(error.code);
}

/** Wakes the one who waits for slots to become free. */
function createRelief(): { readonly tell: () => void; readonly come: () => Promise<void> } {
  let tell = (): void => undefined;
  return {
    tell: () => {
      tell();
    },
    come: () =>
      new Promise((resolve) => {
        tell = resolve;
      }),
  };
}
