import type { InvocationContext } from "@azure/functions";

/** For triggers nobody waits for: logs what was thrown, so that one group's trouble stays its own. */
export async function answerless(context: InvocationContext, act: () => Promise<void>): Promise<void> {
  try {
    await act();
  } catch (error) {
    context.error(error);
  }
}
