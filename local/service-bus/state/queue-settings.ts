/** What a queue or subscription was created with. Durations in milliseconds; Infinity = no limit. */
export interface QueueSettings {
  readonly lockDuration: number;
  readonly maxDeliveryCount: number;
  readonly requiresSession: boolean;
  readonly defaultTimeToLive: number;
  readonly deadLetterOnExpiration: boolean;
}

/** Azure's defaults: lock 1 minute, 10 deliveries, messages live for ever. */
export const defaultQueueSettings: QueueSettings = {
  lockDuration: 60_000,
  maxDeliveryCount: 10,
  requiresSession: false,
  defaultTimeToLive: Infinity,
  deadLetterOnExpiration: false,
};
