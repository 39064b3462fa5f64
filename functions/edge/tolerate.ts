import type { InvocationContext } from "@azure/functions";

/** For triggers: logs what was thrown, so that one piece of work does not take the others with it. */
export async function tolerate(context: InvocationContext, act: () => Promise<void>): Promise<void> {
  try {
    await act();
  } catch (error) {
    context.error(error);
  }
}
