import type { Cluster } from "../cluster.ts";

/** Waits by the cluster's clock, or until it is told not to. */
export async function pause({ settings }: Cluster, milliseconds: number, signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    const cancel = settings.clock.after(milliseconds, resolve);
    signal.addEventListener("abort", () => {
      cancel();
      resolve();
    });
  });
}
