import { type AmqpCondition, statusOf, toAmqpError } from "./errors.ts";
import { parseRequest, type RequestMessage } from "./message.ts";
import type { AmqpNode, InboundHandler, ManagementReply } from "./node.ts";
import type { OutboundLink } from "./outbound-link.ts";
import type { Right } from "./tokens.ts";
import { type AmqpMap, toInt } from "./values.ts";

/** The address at which clients present tokens (claims-based security). */
export const claimsAddress = "$cbs";

const managementSuffix = "$management";

export const isManagement = (address: string): boolean => address.endsWith(managementSuffix);

/** One connection's links for answers, by every name a request may refer to them with. */
export type ReplyLinks = ReadonlyMap<string, OutboundLink>;

/** Takes tokens; the connection has the rights of those that were accepted. */
export function createClaimsHandler(
  node: AmqpNode,
  replies: ReplyLinks,
  onRights: (rights: readonly Right[]) => void,
): InboundHandler {
  return {
    receive: (payload) => {
      const request = parseRequest(payload);
      const verdict = node.judge(toTokenText(request.body));
      if ("rights" in verdict) {
        onRights(verdict.rights);
        sendReply(replies, request, { "status-code": toInt(202), "status-description": "Accepted" });
        return;
      }
      sendReply(replies, request, {
        "status-code": toInt(401),
        "status-description": verdict.refusal,
        "error-condition": "amqp:unauthorized-access",
      });
    },
    closed: () => undefined,
  };
}

function toTokenText(body: unknown): string {
  return Buffer.isBuffer(body) ? body.toString() : String(body);
}

/** Answers requests to `<entity>/$management`. */
export function createManagementHandler(
  node: AmqpNode,
  replies: ReplyLinks,
  address: string,
): InboundHandler {
  const entity = address.slice(0, -managementSuffix.length).replace(/\/$/, "");
  return {
    receive: async (payload) => {
      const request = parseRequest(payload);
      const reply = await answer(node, entity, request);
      const properties = {
        statusCode: toInt(reply.status),
        statusDescription: reply.description ?? "OK",
        ...(reply.condition && { errorCondition: reply.condition }),
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

function sendReply(replies: ReplyLinks, request: RequestMessage, properties: AmqpMap, body?: unknown): void {
  replies.get(request.replyTo)?.sendMessage({
    correlation_id: request.messageId,
    application_properties: properties,
    body,
  });
}
