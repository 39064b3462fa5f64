/** The lock on a message or a session, held for as long as the work under it lasts. */
export interface HeldLock {
  /** Aborts, with reason "lockLost", when the message may be somebody else's by now. */
  readonly lost: AbortSignal;
  /** By the clock: right also in a process that was frozen and whose timers are still to fire. */
  isLost(): boolean;
  /**
   * Asks the service whether the lock is still held, and renews it. A service that cannot be asked says nothing: then
   * the clock decides.
   */
  confirm(): Promise<boolean>;
  /** It is known from elsewhere that the lock is lost. */
  lose(): void;
  /** Ends the renewals. */
  release(): void;
}

/** Renew after this part of the time that is left: early enough for a second and a third try. */
const renewAfter = 1 / 3;
/** Milliseconds, Azure's shortest lock. A lock just got that seems to have less left tells of a clock that is off. */
const shortestLock = 5_000;

const lossCodes: readonly unknown[] = ["MessageLockLost", "SessionLockLost"];

/**
 * Renews the lock until released. The SDK's own renewal is switched off: it stops after a set time, and does not say
 * which lock was lost.
 * @param renewLock asks the service; @returns until when the lock is held then
 */
export function holdLock(until: Date | undefined, renewLock: () => Promise<Date>): HeldLock {
  const controller = new AbortController();
  let renewal: NodeJS.Timeout | undefined;
  let expiry: NodeJS.Timeout | undefined;
  let expiresAt = 0;
  let isReleased = false;

  const lose = (): void => {
    if (!isOpen()) return;
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
      const lockedUntil = await renewLock();
      if (isOpen()) plan(lockedUntil);
    } catch (error) {
      if (!isOpen()) return;
      clearTimeout(renewal);
      if (lossCodes.includes((error as { code?: unknown }).code)) lose();
      else renewal = setTimeout(() => void renew(), 1_000);
    }
  };
  const isLost = (): boolean => controller.signal.aborted || Date.now() >= expiresAt;
  const isOpen = (): boolean => !isReleased && !controller.signal.aborted;

  plan(until ?? new Date(Date.now() + 30_000));
  return {
    lost: controller.signal,
    isLost,
    confirm: async () => {
      await renew();
      return !isLost();
    },
    lose,
    release: () => {
      isReleased = true;
      release();
    },
  };
}
