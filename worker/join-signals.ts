/**
 * A signal that aborts when one of `signals` does, with its reason, until released. (Not AbortSignal.any: what it hangs
 * on a signal that lives as long as the process is not let go of, 1.5 KB a target.)
 */
export function joinSignals(...signals: readonly AbortSignal[]): {
  readonly signal: AbortSignal;
  readonly release: () => void;
} {
  const controller = new AbortController();
  const links = signals.map((signal) => {
    const abort = (): void => {
      controller.abort(signal.reason);
    };
    if (signal.aborted) abort();
    signal.addEventListener("abort", abort, { once: true });
    return { signal, abort };
  });
  return {
    signal: controller.signal,
    release: () => {
      for (const { signal, abort } of links) signal.removeEventListener("abort", abort);
    },
  };
}
