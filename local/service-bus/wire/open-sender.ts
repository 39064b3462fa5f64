import { AmqpError } from "../../amqp/errors.ts";
import { parseMessage, unpackTransfer } from "../../amqp/message.ts";
import type { InboundHandler, InboundLink } from "../../amqp/node.ts";
import { findSendable } from "../state/addresses.ts";
import type { WireContext } from "./context.ts";

/** A client sends to a topic or a queue. @throws AmqpError amqp:not-found */
export function openSender(context: WireContext, link: InboundLink): InboundHandler {
  findSendable(context.namespace, link.address);
  return {
    receive: (payload, format) => {
      receiveTransfer(context, link, { payload, format });
    },
    closed: () => undefined,
  };
}

interface Transfer {
  readonly payload: Buffer;
  readonly format: number;
}

/** A batch is taken in whole or not at all: nothing is kept before all of it was read. */
function receiveTransfer(
  context: WireContext,
  { address, cut }: InboundLink,
  { payload, format }: Transfer,
): void {
  const refused = context.faults.refusedSends.strike(address);
  if (refused) throw new AmqpError(refused, "The send was refused (injected fault).");
  const fault = context.faults.cutSends.strike(address);
  if (fault) cut();
  if (fault && !fault.stored) return;
  const messages = unpackTransfer(payload, format).encoded.map(parseMessage);
  for (const message of messages) context.send(address, message);
}
