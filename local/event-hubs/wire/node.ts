import type { AmqpNode } from "../../amqp/node.ts";
import { hyphenated } from "../../amqp/requests.ts";
import { judgeToken, type TokenRules } from "../../amqp/tokens.ts";
import type { WireContext } from "./context.ts";
import { manage } from "./manage.ts";
import { openReceiver } from "./open-receiver.ts";
import { openSender } from "./open-sender.ts";

/** Bytes. Azure documentation, "Azure Event Hubs quotas": 1 MB for an event or a batch in the standard tier. */
const maxMessageSize = 1_048_576;

/** Event Hubs over AMQP. */
export function createEventHubsNode(context: WireContext, tokens: TokenRules): AmqpNode {
  return {
    maxMessageSize,
    statusNames: hyphenated,
    judge: (token) => judgeToken(tokens, token),
    openInbound: (link) => openSender(context, link),
    openOutbound: (link) => openReceiver(context, link),
    manage: (request) => manage(context, request),
  };
}
