import type { DurableClient } from "durable-functions";

/**
 * Raises an event that only hurries: an instance that is not there yet, or no longer, sees what it needs when it
 * looks, so that is no failure.
 */
export async function raise(client: DurableClient, instanceId: string, event: string): Promise<void> {
  try {
    await client.raiseEvent(instanceId, event, null);
  } catch {
    // 404 and 410 come as plain errors without a code.
  }
}
