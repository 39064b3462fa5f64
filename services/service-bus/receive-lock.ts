import type { ServiceBusReceivedMessage, ServiceBusReceiver } from "@azure/service-bus";

/** The lock on a message, held for as long as the work on it lasts. */
export interface HeldLock {
  /** Aborts, with reason "lockLost", when the message may be somebody else's by now. */
  readonly lost: AbortSignal;
  /** By the clock: right also in a process that was frozen and whose timers are still to fire. */
  isLost(): boolean;
  release(): void;
}

/** Renew after this part of the time that is left: early enough for a second and a third try. */
const renewAfter = 1 / 3;
/** Milliseconds, Azure's shortest lock. A lock just got that seems to have less left tells of a clock that is off. */
const shortestLock = 5_000;

/**
 * Renews the lock until released. The SDK's own renewal is switched off: it stops after a set time, and does not say
 * which message's lock was lost.
 */
export function holdLock(receiver: ServiceBusReceiver, message: ServiceBusReceivedMessage): HeldLock {
  const controller = new AbortController();
  let renewal: NodeJS.Timeout | undefined;
  let expiry: NodeJS.Timeout | undefined;
  let expiresAt = 0;
  let isReleased = false;

  const lose = (): void => {
    release();
    controller.abort("lockLost");
  };
  const release = (): void => {
    clearTimeout(renewal);
    clearTimeout(expiry);
  };
  const plan = (lockedUntil: Date): void => {
    release();
    const left = Math.max(lockedUntil.getTime() - Date.now(), shortestLock);
    expiresAt = Date.now() + left;
    expiry = setTimeout(lose, left);
    renewal = setTimeout(() => void renew(), left * renewAfter);
  };
  const renew = async (): Promise<void> => {
    try {
      const until = await receiver.renewMessageLock(message);
      if (isOpen()) plan(until);
    } catch (error) {
      if (!isOpen()) return;
      if ((error as { code?: unknown }).code === "MessageLockLost") lose();
      else renewal = setTimeout(() => void renew(), 1_000);
    }
  };
  const isOpen = (): boolean => !isReleased && !controller.signal.aborted;

  plan(message.lockedUntilUtc ?? new Date(Date.now() + 30_000));
  return {
    lost: controller.signal,
    isLost: () => controller.signal.aborted || Date.now() >= expiresAt,
    release: () => {
      isReleased = true;
      release();
    },
  };
}
