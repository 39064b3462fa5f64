import type { DurableResponse } from "../../invoker.ts";
import { toEntityId } from "../entities/messages.ts";
import { answerEmpty, answerJson, answerProblem, type Call, readJsonText } from "./call.ts";

/** `GET entities/{name}/{key}` reads the state, `POST entities/{name}/{key}?op=` signals. */
export function handleEntities(call: Call): DurableResponse {
  const [, name, key] = call.segments;
  if (name === undefined || key === undefined) return answerEmpty(404);
  const id = toEntityId(name, key);
  if (call.method === "POST") return signal(call, id);
  const { state } = call.engine.store.entities.read(id);
  return call.method !== "GET" || state === null ? answerEmpty(404) : answerJson(200, JSON.parse(state));
}

function signal(call: Call, entityId: string): DurableResponse {
  const text = readJsonText(call);
  if (text === undefined) return answerProblem(400, "Invalid JSON content");
  const input = call.body.trim() === "" ? null : text;
  const name = call.query.get("op") ?? "";
  const message = { kind: "operation", id: crypto.randomUUID(), name, input, caller: null } as const;
  call.engine.store.commit((changes) => {
    changes.sendToEntity(entityId, message);
  });
  return answerEmpty(202);
}
