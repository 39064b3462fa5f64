import { AmqpError } from "../../amqp/errors.ts";
import type { ManagementReply, ManagementRequest } from "../../amqp/node.ts";
import { toArray, toBoolean, toInt, toLong, toMap, toTimestamp } from "../../amqp/values.ts";
import { type Hub, requirePartition } from "../state/hub.ts";
import type { Partition } from "../state/partition.ts";
import { requireHub, type WireContext } from "./context.ts";

/** `READ` of a hub's or a partition's properties. @throws AmqpError */
export function manage(context: WireContext, { operation, properties }: ManagementRequest): ManagementReply {
  if (operation !== "READ") {
    throw new AmqpError("amqp:not-implemented", `The operation '${operation}' is not imitated here.`);
  }
  const hub = requireHub(context, String(properties["name"]));
  if (properties["type"] === "com.microsoft:eventhub") return describeHub(hub);
  return describePartition(hub, requirePartition(hub.partitions, String(properties["partition"])));
}

function describeHub(hub: Hub): ManagementReply {
  const ids = hub.partitions.map(({ id }) => id);
  return {
    status: 200,
    body: toMap({
      name: hub.name,
      type: "com.microsoft:eventhub",
      created_at: toTimestamp(hub.createdAt),
      partition_count: toInt(ids.length),
      partition_ids: toArray(ids, "string"),
      georeplication_factor: toInt(1),
    }),
  };
}

/** Azure's figures for a partition that never held an event: last sequence number and offset -1. */
function describePartition(hub: Hub, { id, log }: Partition): ManagementReply {
  return {
    status: 200,
    body: toMap({
      name: hub.name,
      type: "com.microsoft:partition",
      partition: id,
      begin_sequence_number: toLong(log.first),
      last_enqueued_sequence_number: toLong(log.next - 1),
      last_enqueued_offset: String(log.last?.offset ?? -1),
      last_enqueued_time_utc: toTimestamp(log.last?.enqueuedAt ?? 0),
      is_partition_empty: toBoolean(log.last === undefined),
    }),
  };
}
