import { endlessDuration, parseDuration } from "./duration.ts";
import type { QueueSettings } from "./queue-settings.ts";

/** The settings of an entity as the administration API spells them: `LockDuration` → `PT1M`. */
export type Description = Readonly<Record<string, string>>;

/** Azure's defaults (standard tier). The order is the API's: some SDKs rely on it. */
export const topicDefaults: Description = {
  DefaultMessageTimeToLive: endlessDuration,
  MaxSizeInMegabytes: "1024",
  RequiresDuplicateDetection: "false",
  DuplicateDetectionHistoryTimeWindow: "PT10M",
  EnableBatchedOperations: "true",
  Status: "Active",
  SupportOrdering: "true",
  AutoDeleteOnIdle: endlessDuration,
  EnablePartitioning: "false",
  EntityAvailabilityStatus: "Available",
  EnableExpress: "false",
  MaxMessageSizeInKilobytes: "256",
};

export const queueDefaults: Description = {
  LockDuration: "PT1M",
  MaxSizeInMegabytes: "1024",
  RequiresDuplicateDetection: "false",
  RequiresSession: "false",
  DefaultMessageTimeToLive: endlessDuration,
  DeadLetteringOnMessageExpiration: "false",
  DuplicateDetectionHistoryTimeWindow: "PT10M",
  MaxDeliveryCount: "10",
  EnableBatchedOperations: "true",
  Status: "Active",
  AutoDeleteOnIdle: endlessDuration,
  EnablePartitioning: "false",
  EntityAvailabilityStatus: "Available",
  EnableExpress: "false",
  MaxMessageSizeInKilobytes: "256",
};

export const subscriptionDefaults: Description = {
  LockDuration: "PT1M",
  RequiresSession: "false",
  DefaultMessageTimeToLive: endlessDuration,
  DeadLetteringOnMessageExpiration: "false",
  DeadLetteringOnFilterEvaluationExceptions: "true",
  MaxDeliveryCount: "10",
  EnableBatchedOperations: "true",
  Status: "Active",
  AutoDeleteOnIdle: endlessDuration,
  EntityAvailabilityStatus: "Available",
};

/** @throws Error for a value that cannot be read. */
export function toQueueSettings(description: Description): QueueSettings {
  return {
    receivable: !["Disabled", "ReceiveDisabled"].includes(description["Status"] ?? "Active"),
    lockDuration: parseDuration(description["LockDuration"] ?? "PT1M"),
    maxDeliveryCount: Number(description["MaxDeliveryCount"] ?? 10),
    requiresSession: description["RequiresSession"] === "true",
    defaultTimeToLive: parseDuration(description["DefaultMessageTimeToLive"] ?? endlessDuration),
    deadLetterOnExpiration: description["DeadLetteringOnMessageExpiration"] === "true",
  };
}

/** Whether an entity takes messages. */
export function isSendable(description: Description): boolean {
  return !["Disabled", "SendDisabled"].includes(description["Status"] ?? "Active");
}

/** Milliseconds; undefined = duplicates are not looked for. */
export function toDuplicateWindow(description: Description): number | undefined {
  if (description["RequiresDuplicateDetection"] !== "true") return undefined;
  return parseDuration(description["DuplicateDetectionHistoryTimeWindow"] ?? "PT10M");
}

/** Settings named as in the SDKs' options (`lockDuration`) as the administration API spells them. */
export function toDescription(
  options: Readonly<Record<string, string | number | boolean | undefined>>,
): Description {
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  return Object.fromEntries(
    given.map(([name, value]) => [name.charAt(0).toUpperCase() + name.slice(1), String(value)]),
  );
}
