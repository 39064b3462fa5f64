import { createHash } from "node:crypto";
import { AmqpError } from "../../amqp/errors.ts";
import { Partition } from "./partition.ts";
import { PartitionLog } from "./partition-log.ts";

/** Consumer group every hub has. */
const defaultConsumerGroup = "$default";

/** Events a partition keeps before it forgets the oldest. */
const retainedEvents = 100_000;

export interface Hub {
  readonly name: string;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  readonly partitions: readonly Partition[];
  /** Names in lower case. */
  readonly consumerGroups: ReadonlySet<string>;
  /** Partitions in turn, for events that belong to none. */
  nextPartition(): Partition;
}

export interface HubOptions {
  readonly name: string;
  /** Azure allows 1 to 32 in the standard tier. */
  readonly partitions: number;
  /** Besides `$Default`. */
  readonly consumerGroups?: readonly string[];
}

export function createHub(
  { name, partitions: count, consumerGroups = [] }: HubOptions,
  createdAt: number,
): Hub {
  const partitions = Array.from(
    { length: count },
    (_, index) => new Partition(String(index), new PartitionLog(retainedEvents)),
  );
  let turn = 0;
  return {
    name,
    createdAt,
    partitions,
    consumerGroups: new Set([defaultConsumerGroup, ...consumerGroups.map((group) => group.toLowerCase())]),
    nextPartition: () => {
      turn = (turn + 1) % count;
      return requirePartition(partitions, String(turn));
    },
  };
}

/** @throws AmqpError com.microsoft:argument-out-of-range */
export function requirePartition(partitions: readonly Partition[], id: string): Partition {
  const partition = partitions.find((candidate) => candidate.id === id);
  if (partition) return partition;
  const range = `0 to ${partitions.length - 1}`;
  throw new AmqpError(
    "com.microsoft:argument-out-of-range",
    `The specified partition is invalid for an EventHub partition sender or receiver. It should be between ${range}. ('${id}')`,
  );
}

/** Events with one key go to one partition, always the same. (Azure's own hash is not documented.) */
export function partitionOfKey(hub: Hub, key: string): Partition {
  const hash = createHash("sha1").update(key).digest().readUInt32BE();
  return requirePartition(hub.partitions, String(hash % hub.partitions.length));
}
