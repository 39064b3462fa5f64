/** What a queue or subscription was created with. Durations in milliseconds; Infinity = no limit. */
export interface QueueSettings {
  /** False: nobody may receive, its status is Disabled or ReceiveDisabled. */
  readonly receivable: boolean;
  readonly lockDuration: number;
  readonly maxDeliveryCount: number;
  readonly requiresSession: boolean;
  readonly defaultTimeToLive: number;
  readonly deadLetterOnExpiration: boolean;
}

/** Azure's defaults: lock 1 minute, 10 deliveries, messages live for ever. */
export const defaultQueueSettings: QueueSettings = {
  receivable: true,
  lockDuration: 60_000,
  maxDeliveryCount: 10,
  requiresSession: false,
  defaultTimeToLive: Infinity,
  deadLetterOnExpiration: false,
};
