import { type AmqpCondition, statusOf, toAmqpError } from "./errors.ts";
import { parseRequest, type RequestMessage } from "./message.ts";
import type { AmqpNode, InboundHandler, ManagementReply, StatusNames } from "./node.ts";
import type { Message } from "rhea";
import type { OutboundLink } from "./outbound-link.ts";
import type { Grant } from "./tokens.ts";
import { type AmqpMap, toInt } from "./values.ts";

type MessageId = NonNullable<Message["correlation_id"]>;

/** The address at which clients present tokens (claims-based security). */
export const claimsAddress = "$cbs";

const managementSuffix = "$management";

export const isManagement = (address: string): boolean => address.endsWith(managementSuffix);

/** One connection's links for answers, by every name a request may refer to them with, and by their address. */
export type ReplyLinks = ReadonlyMap<string, OutboundLink>;

/** As `$cbs` names the status of its answers, and Event Hubs everywhere. */
export const hyphenated: StatusNames = {
  code: "status-code",
  description: "status-description",
  condition: "error-condition",
};

/** Where the answers to one address go. */
interface Replies {
  readonly links: ReplyLinks;
  readonly address: string;
}

/** Takes tokens; the connection has what those grant that were accepted. */
export function createClaimsHandler(
  node: AmqpNode,
  links: ReplyLinks,
  onGrant: (grant: Grant) => void,
): InboundHandler {
  const replies = { links, address: claimsAddress };
  return {
    acceptsFirst: true,
    receive: (payload) => {
      const request = parseRequest(payload);
      const verdict = node.judge(toTokenText(request.body));
      const { code, description, condition } = hyphenated;
      if ("rights" in verdict) {
        onGrant(verdict);
        sendReply(replies, request, { [code]: toInt(202), [description]: "Accepted" });
        return;
      }
      sendReply(replies, request, {
        [code]: toInt(401),
        [description]: verdict.refusal,
        [condition]: "amqp:unauthorized-access",
      });
    },
    closed: () => undefined,
  };
}

function toTokenText(body: unknown): string {
  return Buffer.isBuffer(body) ? body.toString() : String(body);
}

/** Answers requests to `<entity>/$management`. */
export function createManagementHandler(node: AmqpNode, links: ReplyLinks, address: string): InboundHandler {
  const replies = { links, address };
  const names = node.statusNames;
  const entity = address.slice(0, -managementSuffix.length).replace(/\/$/, "");
  return {
    acceptsFirst: true,
    receive: async (payload) => {
      const request = parseRequest(payload);
      const reply = await answer(node, entity, request);
      const properties = {
        [names.code]: toInt(reply.status),
        [names.description]: reply.description ?? "OK",
        ...(reply.condition && { [names.condition]: reply.condition }),
      };
      sendReply(replies, request, properties, reply.body);
    },
    closed: () => undefined,
  };
}

async function answer(node: AmqpNode, entity: string, request: RequestMessage): Promise<ManagementReply> {
  try {
    const operation = String(request.properties["operation"]);
    return await node.manage({ entity, operation, properties: request.properties, body: request.body });
  } catch (error) {
    const { condition, message } = toAmqpError(error);
    return refusal(condition, message);
  }
}

function refusal(condition: AmqpCondition, description: string): ManagementReply {
  return { status: statusOf(condition), condition, description };
}

/** Clients made with Microsoft's C library name no link to answer on: there is one from the address they ask. */
function sendReply(replies: Replies, request: RequestMessage, properties: AmqpMap, body?: unknown): void {
  const link = replies.links.get(request.replyTo) ?? replies.links.get(replies.address);
  link?.sendMessage({
    correlation_id: request.messageId as MessageId,
    application_properties: properties,
    body,
  });
}
