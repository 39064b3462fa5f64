/**
 * What every part of the local stack has in common: it starts, says which settings a client needs to reach
 * it, and stops. A part listens on 127.0.0.1 only, and `stop` leaves no socket, timer, child or file handle.
 */
export interface RunningPart {
  /** Settings (environment variables) a client of this part needs, by name. */
  readonly env: Readonly<Record<string, string>>;
  /** What listens where: for the table `npm start` prints. */
  readonly listening: readonly { readonly name: string; readonly address: string }[];
  stop(): Promise<void>;
}

/** Time as a parameter: tests move it by hand, the stack runs on the system's. */
export interface Clock {
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  now(): number;
  /** Calls back once after `milliseconds`; the function returned takes that back. */
  after(milliseconds: number, callback: () => void): () => void;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  after: (milliseconds, callback) => {
    const timer = setTimeout(callback, milliseconds);
    return () => {
      clearTimeout(timer);
    };
  },
};
