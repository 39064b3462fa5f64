import type { Rule } from "../filters/rule.ts";
import type { SubscriptionEntity } from "../state/entity.ts";
import {
  type AdminReply,
  type AdminRequest,
  badRequest,
  decidePut,
  missing,
  requireElement,
} from "./admin-request.ts";
import { type AtomEntry, parseEntry, toIso } from "./atom.ts";
import { requireShortName } from "./names.ts";
import { parseRule, toRuleXml } from "./rule-xml.ts";

/** PUT, GET and DELETE of a subscription's rule. @throws AdminError */
export function serveRule(entity: SubscriptionEntity, request: AdminRequest, name: string): AdminReply {
  const { rules } = entity.subscription;
  const rule = rules.get(name.toLowerCase());
  if (request.method === "PUT") return putRule(entity, request, name);
  if (!rule) throw missing(request.path.join("/"));
  if (request.method === "DELETE") {
    rules.delete(name.toLowerCase());
    return { kind: "done" };
  }
  return { kind: "entry", status: 200, entry: toRuleEntry(entity, rule) };
}

export function listRules(entity: SubscriptionEntity): AdminReply {
  const rules = [...entity.subscription.rules.values()];
  return { kind: "feed", entries: rules.map((rule) => toRuleEntry(entity, rule)) };
}

function putRule(entity: SubscriptionEntity, request: AdminRequest, name: string): AdminReply {
  const { rules } = entity.subscription;
  requireShortName(name.replace(/^\$/, ""));
  const decision = decidePut(request, rules.has(name.toLowerCase()));
  const element = requireElement(parseEntry(request.body, "RuleDescription"), "RuleDescription");
  try {
    const rule = parseRule(name, element);
    rules.set(name.toLowerCase(), rule);
    return { kind: "entry", status: decision === "create" ? 201 : 200, entry: toRuleEntry(entity, rule) };
  } catch (error) {
    throw badRequest((error as Error).message);
  }
}

function toRuleEntry(entity: SubscriptionEntity, rule: Rule): AtomEntry {
  return {
    path: `${entity.topicName}/Subscriptions/${entity.name}/Rules/${rule.name}`,
    element: "RuleDescription",
    content: { ...toRuleXml(rule), CreatedAt: toIso(entity.createdAt) },
    createdAt: entity.createdAt,
    updatedAt: entity.updatedAt,
  };
}
