export type StorageService = "blob" | "queue" | "table";

/** Stands between the clients and a service of Azurite. */
export interface RunningFront {
  /** Where clients connect now. */
  readonly port: number;
  stop(): Promise<void>;
}

/** Puts a front before the service that listens on `port`; undefined = before this service there is to be none. */
export type StorageFront = (service: StorageService, port: number) => Promise<RunningFront | undefined>;
