import type { ServiceBusNamespace } from "../state/namespace.ts";
import { type AdminReply, type AdminRequest, badRequest, missing } from "./admin-request.ts";
import { listEntities, serveEntity } from "./entities.ts";
import { listRules, serveRule } from "./rules.ts";
import { listSubscriptions, serveSubscription } from "./subscriptions.ts";

/**
 * Finds what a path names: `$Resources/Topics`, `topic`, `topic/Subscriptions[/name[/Rules[/rule]]]`.
 * Names of topics and queues may hold slashes.
 * @throws AdminError
 */
export function routeAdmin(namespace: ServiceBusNamespace, request: AdminRequest): AdminReply {
  const { path } = request;
  if (path[0]?.toLowerCase() === "$resources") return routeList(namespace, path[1]);
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
