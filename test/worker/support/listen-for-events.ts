import { EventHubConsumerClient, earliestEventPosition } from "@azure/event-hubs";
import type { RunningEventHubs } from "../../../local/event-hubs/server.ts";
import type { RunId, TargetId } from "../../../model/ids.ts";
import { TargetEvent } from "../../../model/messages.ts";

/** What workers tell while they work. */
export interface HeardEvents {
  /** About one target, as far as they have come, in their order. */
  about(runId: RunId, targetId: TargetId): readonly TargetEvent[];
  stop(): Promise<void>;
}

export function listenForEvents(hubs: RunningEventHubs): HeardEvents {
  const heard: TargetEvent[] = [];
  const consumer = new EventHubConsumerClient("$Default", hubs.connectionString, "sqlfleet");
  const subscription = consumer.subscribe(
    {
      processEvents: (events) => {
        heard.push(...events.map(({ body }) => TargetEvent.parse(body)));
        return Promise.resolve();
      },
      processError: () => Promise.resolve(),
    },
    { startPosition: earliestEventPosition },
  );
  return {
    about: (runId, targetId) => heard.filter((event) => event.runId === runId && event.targetId === targetId),
    stop: async () => {
      await subscription.close();
      await consumer.close();
    },
  };
}
