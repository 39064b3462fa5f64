import { app, type InvocationContext } from "@azure/functions";
import * as df from "durable-functions";
import { toWatchInstanceId, wakeEvent, type RunId } from "../model/ids.ts";
import { TargetEvent } from "../model/messages.ts";
import { addCounts, countFinished } from "../model/progress.ts";
import { tolerate } from "./edge/tolerate.ts";
import { services } from "./edge/app-services.ts";
import { raise } from "./edge/raise.ts";

interface Group {
  readonly runId: RunId;
  readonly bucket: number;
  readonly events: TargetEvent[];
}

/**
 * Fan-in of step 9. The trigger's pointer moves on even when this throws, so it catches everything: what is lost
 * here the run finds in the workers' result records.
 */
app.eventHub("onTargetEvents", {
  eventHubName: "%EVENT_HUB%",
  connection: "EventHubConnection",
  cardinality: "many",
  consumerGroup: "$Default",
  extraInputs: [df.input.durableClient()],
  handler: async (messages: unknown, context) => {
    const groups = groupEvents(Array.isArray(messages) ? messages : [messages], context);
    await Promise.all(groups.map((group) => tolerate(context, () => take(group, context))));
  },
});

async function take({ runId, bucket, events }: Group, context: InvocationContext): Promise<void> {
  await services.progress.apply(runId, bucket, events);
  if (!events.some(({ type }) => type === "ended")) return;
  const run = await services.runs.read(runId);
  if (!run) return;
  const counts = addCounts(await services.progress.summaries(runId, run.buckets));
  if (countFinished(counts) === run.targets) {
    await raise(df.getClient(context), toWatchInstanceId(runId), wakeEvent);
  }
}

/** By run and bucket; what is no event of ours is logged and left out. */
function groupEvents(messages: readonly unknown[], context: InvocationContext): readonly Group[] {
  const groups = new Map<string, Group>();
  for (const message of messages) {
    const event = TargetEvent.safeParse(message);
    if (!event.success) {
      context.warn("An event was no target event and was left out.");
      continue;
    }
    const { runId, bucket } = event.data;
    const key = `${runId}|${bucket}`;
    const group = groups.get(key) ?? { runId, bucket, events: [] };
    group.events.push(event.data);
    groups.set(key, group);
  }
  return [...groups.values()];
}
