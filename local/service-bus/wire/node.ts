import type { AmqpNode } from "../../amqp/node.ts";
import { judgeToken, type TokenRules } from "../../amqp/tokens.ts";
import type { WireContext } from "./context.ts";
import { manage } from "./management/manage.ts";
import { openReceiver } from "./open-receiver.ts";
import { openSender } from "./open-sender.ts";

/** Bytes. Azure documentation, "Service Bus quotas": 256 KB for a message or a batch in the standard tier. */
const maxMessageSize = 262_144;

/** Service Bus over AMQP. */
export function createServiceBusNode(context: WireContext, tokens: TokenRules): AmqpNode {
  return {
    maxMessageSize,
    statusNames: { code: "statusCode", description: "statusDescription", condition: "errorCondition" },
    judge: (token) => judgeToken(tokens, token),
    openInbound: (link) => openSender(context, link),
    openOutbound: (link) => openReceiver(context, link),
    manage: (request) => manage(context, request),
  };
}
