import type { XmlElement } from "./xml.ts";
import type { SubscriptionEntity } from "../state/entity.ts";
import type { ServiceBusNamespace } from "../state/namespace.ts";
import {
  type AdminReply,
  type AdminRequest,
  badRequest,
  decidePut,
  missing,
  requireElement,
} from "./admin-request.ts";
import { parseEntry, toElement, toFields } from "./atom.ts";
import { toSubscriptionEntry } from "./entity-xml.ts";
import { requireShortName } from "./names.ts";
import { parseRule } from "./rule-xml.ts";
import type { Rule } from "../filters/rule.ts";

export interface SubscriptionPath {
  readonly topicName: string;
  readonly name: string;
}

/** PUT, GET and DELETE of a subscription. @throws AdminError */
export function serveSubscription(
  namespace: ServiceBusNamespace,
  request: AdminRequest,
  path: SubscriptionPath,
): AdminReply {
  const entity = namespace.findSubscription(path.topicName, path.name);
  if (request.method === "PUT") return putSubscription(namespace, request, path);
  if (!entity) throw missing(request.path.join("/"));
  if (request.method === "DELETE") {
    namespace.deleteSubscription(path.topicName, path.name);
    return { kind: "done" };
  }
  return toReply(200, entity);
}

/** The subscriptions of a topic. @throws AdminError 404 */
export function listSubscriptions(namespace: ServiceBusNamespace, topicName: string): AdminReply {
  const topic = namespace.entities.get(topicName.toLowerCase());
  if (topic?.kind !== "topic") throw missing(topicName);
  return { kind: "feed", entries: [...topic.subscriptions.values()].map(toSubscriptionEntry) };
}

function putSubscription(
  namespace: ServiceBusNamespace,
  request: AdminRequest,
  path: SubscriptionPath,
): AdminReply {
  if (namespace.entities.get(path.topicName.toLowerCase())?.kind !== "topic") throw missing(path.topicName);
  requireShortName(path.name);
  const element = requireElement(
    parseEntry(request.body, "SubscriptionDescription"),
    "SubscriptionDescription",
  );
  const entity = namespace.findSubscription(path.topicName, path.name);
  if (decidePut(request, entity !== undefined) === "update" && entity) {
    namespace.updateDescription(entity, toFields(element));
    return toReply(200, entity);
  }
  const firstRule = parseFirstRule(element);
  return toReply(201, namespace.createSubscription({ ...path, description: toFields(element), firstRule }));
}

function parseFirstRule(element: XmlElement): Rule | undefined {
  const description = element["DefaultRuleDescription"];
  if (description === undefined) return undefined;
  const rule = toElement(description);
  try {
    return parseRule(toFields(rule)["Name"] ?? "$Default", rule);
  } catch (error) {
    throw badRequest((error as Error).message);
  }
}

function toReply(status: 200 | 201, entity: SubscriptionEntity): AdminReply {
  return { kind: "entry", status, entry: toSubscriptionEntry(entity) };
}
