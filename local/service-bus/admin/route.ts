import type { ServiceBusNamespace } from "../state/namespace.ts";
import { type AdminReply, type AdminRequest, badRequest, missing } from "./admin-request.ts";
import { toIso } from "./atom.ts";
import { listEntities, serveEntity } from "./entities.ts";
import { listRules, serveRule } from "./rules.ts";
import { listSubscriptions, serveSubscription } from "./subscriptions.ts";

/**
 * Finds what a path names: `$namespaceinfo`, `$Resources/Topics`, `topic`, `topic/Subscriptions[/name[/Rules[/rule]]]`.
 * Names of topics and queues may hold slashes.
 * @throws AdminError
 */
export function routeAdmin(namespace: ServiceBusNamespace, request: AdminRequest): AdminReply {
  const { path } = request;
  const reserved = routeReserved(namespace, path);
  if (reserved) return reserved;
  const at = path.findIndex((segment) => segment.toLowerCase() === "subscriptions");
  if (at <= 0) return serveEntity(namespace, request);
  const topicName = path.slice(0, at).join("/");
  const [name, rulesWord, ruleName] = path.slice(at + 1);
  if (name === undefined) return listSubscriptions(namespace, topicName);
  if (rulesWord === undefined) return serveSubscription(namespace, request, { topicName, name });
  if (rulesWord.toLowerCase() !== "rules") throw missing(path.join("/"));
  const subscription = namespace.findSubscription(topicName, name);
  if (!subscription) throw missing(`${topicName}/Subscriptions/${name}`);
  return ruleName === undefined ? listRules(subscription) : serveRule(subscription, request, ruleName);
}

/** What is not an entity begins with `$`. */
function routeReserved(
  namespace: ServiceBusNamespace,
  [first = "", second]: readonly string[],
): AdminReply | undefined {
  if (first.toLowerCase() === "$namespaceinfo") return describeNamespace(namespace);
  return first.toLowerCase() === "$resources" ? routeList(namespace, second) : undefined;
}

function describeNamespace({ createdAt }: ServiceBusNamespace): AdminReply {
  const content = {
    CreatedTime: toIso(createdAt),
    MessagingSKU: "Standard",
    ModifiedTime: toIso(createdAt),
    Name: "local",
    NamespaceType: "Messaging",
  };
  const entry = {
    // Some clients take the name from the entry's title, which is the end of this.
    path: content.Name,
    element: "NamespaceInfo",
    content,
    createdAt,
    updatedAt: createdAt,
  };
  return { kind: "entry", status: 200, entry };
}

function routeList(namespace: ServiceBusNamespace, what = ""): AdminReply {
  switch (what.toLowerCase()) {
    case "topics":
      return listEntities(namespace, "topic");
    case "queues":
      return listEntities(namespace, "queue");
    default:
      throw badRequest(`There is no list '${what}'.`);
  }
}
