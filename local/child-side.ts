import type { FirstMessage } from "./child.ts";

/**
 * The child's half of child.ts: starts, says so, and ends when asked (SIGTERM) or when the parent is gone.
 * @param start gives the payload for the parent and how to stop.
 */
export async function runAsChild(
  start: () => Promise<{ readonly payload: unknown; readonly stop: () => Promise<void> }>,
): Promise<void> {
  // The channel closes when the parent dies, however it dies.
  process.once("disconnect", () => process.exit(1));
  if (!process.connected) process.exit(1);
  try {
    const { payload, stop } = await start();
    process.once("SIGTERM", () => {
      void stop().finally(() => process.exit(0));
    });
    tellParent({ child: "ready", payload } satisfies FirstMessage);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    tellParent({ child: "failed", message } satisfies FirstMessage);
    process.exitCode = 1;
    process.disconnect();
  }
}

/** Sends to the parent; silent when it is gone. */
export function tellParent(message: unknown): void {
  if (process.connected) process.send?.(message);
}
