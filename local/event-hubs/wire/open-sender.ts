import { AmqpError } from "../../amqp/errors.ts";
import { type AmqpMessage, parseMessage, unpackTransfer } from "../../amqp/message.ts";
import type { InboundHandler, InboundLink } from "../../amqp/node.ts";
import { type Hub, partitionOfKey, requirePartition } from "../state/hub.ts";
import type { Partition } from "../state/partition.ts";
import { requireHub, type WireContext } from "./context.ts";
import { encodeEvent, partitionKeyAnnotation } from "./encode-event.ts";

/** `hub` or `hub/Partitions/0` */
const senderAddress = /^\/?(?<hub>[^/]+)(?:\/Partitions\/(?<partition>[^/]+))?$/i;

/** A client sends events. @throws AmqpError amqp:not-found, com.microsoft:argument-out-of-range */
export function openSender(context: WireContext, link: InboundLink): InboundHandler {
  const { hub: name, partition: id } = senderAddress.exec(link.address)?.groups ?? {};
  const hub = requireHub(context, name ?? link.address);
  const fixed = id === undefined ? undefined : requirePartition(hub.partitions, id);
  return {
    receive: (payload, format) => {
      const fault = strikeFaults(context, link);
      if (fault === "drop") return;
      const { batch, encoded } = unpackTransfer(payload, format);
      publish(context, encoded.map(parseMessage), { hub, fixed, key: readKey(batch) });
    },
    closed: () => undefined,
  };
}

function strikeFaults({ faults }: WireContext, { address, cut }: InboundLink): "drop" | undefined {
  const refused = faults.refusedSends.strike(address);
  if (refused) throw new AmqpError(refused, "The event was refused (injected fault).");
  const fault = faults.cutSends.strike(address);
  if (fault) cut();
  return fault && !fault.stored ? "drop" : undefined;
}

interface Destination {
  readonly hub: Hub;
  /** The partition the link is bound to. */
  readonly fixed: Partition | undefined;
  /** The batch's partition key. */
  readonly key: string | undefined;
}

/** A batch goes to one partition as a whole. */
function publish({ clock }: WireContext, events: readonly AmqpMessage[], destination: Destination): void {
  const key = destination.key ?? readKey(events[0]);
  const partition = destination.fixed ?? choosePartition(destination.hub, key);
  for (const event of events) {
    partition.log.append(event.bytes, clock.now(), (place) => encodeEvent(event, key, place));
  }
  partition.wake();
}

function choosePartition(hub: Hub, key: string | undefined): Partition {
  return key === undefined ? hub.nextPartition() : partitionOfKey(hub, key);
}

function readKey(message: AmqpMessage | undefined): string | undefined {
  const key = message?.annotations[partitionKeyAnnotation];
  return typeof key === "string" ? key : undefined;
}
