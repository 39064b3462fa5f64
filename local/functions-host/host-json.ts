import { z } from "zod";

/** "hh:mm:ss", "d.hh:mm:ss", or "-1" for no limit; milliseconds, or undefined for no limit. */
const timeSpan = z.string().transform((text, context) => {
  if (text === "-1") return undefined;
  const parts = /^(?:(\d+)\.)?(\d+):(\d{2}):(\d{2}(?:\.\d+)?)$/.exec(text);
  if (parts === null) {
    context.addIssue({ code: "custom", message: `"${text}" is not a time span (hh:mm:ss)` });
    return z.NEVER;
  }
  const [days, hours, minutes, seconds] = parts.slice(1).map((part) => Number(part || 0));
  return (((days ?? 0) * 24 + (hours ?? 0)) * 60 + (minutes ?? 0)) * 60_000 + (seconds ?? 0) * 1000;
});

/** The defaults are those of the Event Hubs extension 6 (learn.microsoft.com, functions-bindings-event-hubs). */
const eventHubs = z.object({
  maxEventBatchSize: z.int().positive().default(100),
  batchCheckpointFrequency: z.int().positive().default(1),
  prefetchCount: z.int().nonnegative().default(300),
  initialOffsetOptions: z
    .object({
      type: z.enum(["fromStart", "fromEnd", "fromEnqueuedTime"]).default("fromStart"),
      enqueuedTimeUtc: z.string().optional(),
    })
    .prefault({}),
});

/** Ten each: the real host multiplies its defaults with the number of cores. */
const durableTask = z.object({
  hubName: z.string().default("TestHubName"),
  maxConcurrentActivityFunctions: z.int().positive().default(10),
  maxConcurrentOrchestratorFunctions: z.int().positive().default(10),
});

/** The parts of host.json this host obeys; everything else in the file is let through unread. */
export const HostJson = z.object({
  version: z.literal("2.0"),
  functionTimeout: timeSpan.optional(),
  extensions: z
    .object({
      http: z.object({ routePrefix: z.string().default("api") }).prefault({}),
      eventHubs: eventHubs.prefault({}),
      durableTask: durableTask.prefault({}),
    })
    .prefault({}),
});
export type HostJson = z.infer<typeof HostJson>;
export type EventHubsOptions = HostJson["extensions"]["eventHubs"];
