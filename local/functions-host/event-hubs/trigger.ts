import type { CheckpointStore, PartitionContext, ReceivedEventData } from "@azure/event-hubs";
import type { EventHubsOptions } from "../host-json.ts";
import type { RegisteredFunction } from "../invoker.ts";
import type { RunningTrigger, TriggerContext } from "../trigger.ts";
import { createConsumer, startPosition } from "./consumer.ts";
import { toBatchInvocation, toSingleInvocation } from "./to-invocation.ts";

/**
 * Runs a function for what arrives at its event hub: one batch at a time per partition, in order.
 * A batch counts as done, and gets its checkpoint, also when the function failed (after its retries): the real
 * trigger never delivers again for a failure. What arrived during a crash comes again.
 */
export function startEventHubTrigger(
  target: RegisteredFunction,
  context: TriggerContext,
  options: EventHubsOptions,
  store: CheckpointStore,
): RunningTrigger {
  const client = createConsumer(target, context.settings, store);
  const batches = new Map<string, number>();
  const processEvents = async (events: ReceivedEventData[], partition: PartitionContext): Promise<void> => {
    const last = events.at(-1);
    if (last === undefined) return;
    await runBatch(target, events, partition, context);
    const count = (batches.get(partition.partitionId) ?? 0) + 1;
    batches.set(partition.partitionId, count);
    if (count % options.batchCheckpointFrequency === 0) await partition.updateCheckpoint(last);
  };
  client.subscribe(
    {
      processEvents,
      processError: (error, { partitionId }) => {
        const place = partitionId === "" ? client.eventHubName : `${client.eventHubName}/${partitionId}`;
        context.log("error", "Host.Triggers.EventHubs", `${target.name}, ${place}: ${error.message}`);
        return Promise.resolve();
      },
    },
    {
      startPosition: startPosition(options),
      maxBatchSize: options.maxEventBatchSize,
      prefetchCount: Math.max(options.prefetchCount, options.maxEventBatchSize),
      // No latency for events: a wait ends 20 ms after the first. But only when it ends does the SDK notice
      // that its connection was cut; its default of a minute would be a minute of silence.
      maxWaitTimeInSeconds: 1,
      // The worker gets text and parses it itself.
      skipParsingBodyAsJson: true,
    },
  );
  return {
    functionName: target.name,
    runByHand: (input) => context.run(target.name, { data: { string: input } }),
    stop: () => client.close(),
  };
}

async function runBatch(
  { name, trigger }: RegisteredFunction,
  events: readonly ReceivedEventData[],
  partition: PartitionContext,
  context: TriggerContext,
): Promise<void> {
  const dataType = trigger["dataType"];
  if (trigger["cardinality"] === "many") {
    await context.run(name, toBatchInvocation(events, partition, dataType));
    return;
  }
  for (const event of events) await context.run(name, toSingleInvocation(event, partition, dataType));
}
