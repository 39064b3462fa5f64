/**
 * What becomes of a worker at one of its calls to the outside.
 * before: it dies, and the call never takes effect · after: the call takes effect, and the worker dies before the
 * answer · frozen: it stands still, and goes on where it stood when it is thawed.
 */
export type Ending = "before" | "after" | "frozen";

export interface CrashPoint {
  readonly ending: Ending;
  /** Which call, from 1, or the first of this name; Infinity = it survives. */
  readonly at: number | string;
}

/** A worker that nothing happens to. */
export const unharmed: CrashPoint = { ending: "before", at: Infinity };

/** The only way out of a worker's process. Once it has stopped, nothing of the worker does anything any more. */
export interface Crash {
  /** Names of the calls so far, in order. */
  readonly calls: readonly string[];
  /** Resolves when the worker has stopped. */
  readonly stopped: Promise<void>;
  /** Lets a call out, counted. */
  pass<T>(name: string, call: () => Promise<T> | T): Promise<T>;
  /** Lets a call out that is no step of the work, and comes whenever it likes. */
  passUncounted<T>(call: () => Promise<T>): Promise<T>;
  /** Ends the standing still of a frozen worker. */
  thaw(): void;
}

export function createCrash({ ending, at }: CrashPoint): Crash {
  const calls: string[] = [];
  const stop = Promise.withResolvers<undefined>();
  const resume = Promise.withResolvers<undefined>();
  let isStopped = false;
  const halt = (): void => {
    isStopped = true;
    stop.resolve(undefined);
  };
  const standStill = async (): Promise<void> => {
    if (isStopped) await resume.promise;
  };
  return {
    calls,
    stopped: stop.promise,
    pass: async (name, call) => {
      if (isStopped) await resume.promise;
      calls.push(name);
      const isHere = calls.length === at || (name === at && calls.indexOf(name) === calls.length - 1);
      if (isHere && ending !== "after") halt();
      await standStill();
      try {
        return await call();
      } finally {
        if (isHere && ending === "after") halt();
        await standStill();
      }
    },
    passUncounted: async (call) => {
      await standStill();
      try {
        return await call();
      } finally {
        await standStill();
      }
    },
    thaw: () => {
      isStopped = false;
      resume.resolve(undefined);
    },
  };
}
