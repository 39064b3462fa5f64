import type { QueueEntity, SendableEntity, TopicEntity } from "../state/entity.ts";
import type { ServiceBusNamespace } from "../state/namespace.ts";
import { type AdminReply, type AdminRequest, badRequest, decidePut, missing } from "./admin-request.ts";
import { type AtomEntry, parseEntry, toFields } from "./atom.ts";
import { toQueueEntry, toTopicEntry } from "./entity-xml.ts";
import { requireEntityName } from "./names.ts";

/** PUT, GET and DELETE of a topic or a queue. @throws AdminError */
export function serveEntity(namespace: ServiceBusNamespace, request: AdminRequest): AdminReply {
  const name = request.path.join("/");
  const entity = namespace.entities.get(name.toLowerCase());
  if (request.method === "PUT") return putEntity(namespace, request, entity);
  if (!entity) throw missing(name);
  if (request.method === "DELETE") {
    namespace.deleteEntity(name);
    return { kind: "done" };
  }
  return { kind: "entry", status: 200, entry: toEntityEntry(entity) };
}

/** A page of the topics or the queues, by name. */
export function listEntities(namespace: ServiceBusNamespace, kind: SendableEntity["kind"]): AdminReply {
  const entities = [...namespace.entities.values()].filter((entity) => entity.kind === kind);
  const entries = entities.map(toEntityEntry).sort((a, b) => (a.path < b.path ? -1 : 1));
  return { kind: "feed", entries };
}

function toEntityEntry(entity: TopicEntity | QueueEntity): AtomEntry {
  return entity.kind === "topic" ? toTopicEntry(entity) : toQueueEntry(entity);
}

function putEntity(
  namespace: ServiceBusNamespace,
  request: AdminRequest,
  entity: SendableEntity | undefined,
): AdminReply {
  const name = request.path.join("/");
  requireEntityName(name);
  const { kind, description } = parseDescription(request.body);
  if (decidePut(request, entity !== undefined) === "update" && entity) {
    namespace.updateDescription(entity, description);
    return { kind: "entry", status: 200, entry: toEntityEntry(entity) };
  }
  const created =
    kind === "topic" ? namespace.createTopic(name, description) : namespace.createQueue(name, description);
  return { kind: "entry", status: 201, entry: toEntityEntry(created) };
}

function parseDescription(body: string) {
  const topic = parseEntry(body, "TopicDescription");
  if (topic) return { kind: "topic", description: toFields(topic) } as const;
  const queue = parseEntry(body, "QueueDescription");
  if (queue) return { kind: "queue", description: toFields(queue) } as const;
  throw badRequest("The body holds neither a TopicDescription nor a QueueDescription.");
}
