import type { DurableResponse } from "../../invoker.ts";
import type { Outcome } from "../client/outcome.ts";
import { purgeInstance, purgeInstances } from "../client/purge.ts";
import { rewindInstance } from "../client/rewind.ts";
import { raiseEvent, resume, suspend, terminate } from "../client/signal.ts";
import { restartInstance } from "../client/start.ts";
import { hasEnded } from "../instance.ts";
import type { InstanceFilter } from "../store/instances.ts";
import { answerEmpty, answerJson, answerProblem, type Call, isOn, readJsonText } from "./call.ts";
import { answerStarted } from "./orchestrators.ts";
import { toStatus } from "./status.ts";

/** Upstream's page size when `top` is not given. */
const defaultPage = 100;
const tokenHeader = "x-ms-continuation-token";

/** `instances`, `instances/{id}` and `instances/{id}/{verb}`. */
export function handleInstances(call: Call): DurableResponse {
  const [, id, verb] = call.segments;
  if (id === undefined) return handleMany(call);
  if (verb !== undefined) return call.method === "POST" ? handleVerb(call, id, verb) : answerEmpty(404);
  if (call.method === "DELETE") return answerPurged(purgeInstance(call.engine, id));
  return call.method === "GET" ? readOne(call, id) : answerEmpty(404);
}

function handleMany(call: Call): DurableResponse {
  const filter = readFilter(call.query);
  if (filter === undefined) return answerProblem(400, "createdTimeFrom or createdTimeTo is not a time");
  if (call.method === "DELETE") return answerPurged(purgeInstances(call.engine, filter));
  return call.method === "GET" ? readMany(call, filter) : answerEmpty(404);
}

/** 200 when it has ended, 202 while it runs, 404. */
function readOne(call: Call, id: string): DurableResponse {
  const { instances, history } = call.engine.store;
  const instance = instances.read(id);
  if (instance === undefined) return answerEmpty(404);
  const status = toStatus(instance, {
    showInput: isOn(call, "showInput", true),
    showHistoryOutput: isOn(call, "showHistoryOutput", false),
    history: isOn(call, "showHistory", false) ? history.read(id) : undefined,
  });
  if (hasEnded(instance.status)) {
    history.forget(id);
    return answerJson(200, status);
  }
  const location = call.urls.managementUrls(id).statusQueryGetUri;
  return answerJson(202, status, { location, "retry-after": "10" });
}

function readMany(call: Call, filter: InstanceFilter): DurableResponse {
  const top = Number(call.query.get("top") ?? defaultPage) || defaultPage;
  const after = Number(Buffer.from(call.headers[tokenHeader] ?? "", "base64").toString()) || 0;
  const page = call.engine.store.instances.list(filter, top, after);
  const options = {
    showInput: isOn(call, "showInput", true),
    showHistoryOutput: false,
    history: undefined,
  };
  const next = page.next === undefined ? {} : { [tokenHeader]: toToken(page.next) };
  return answerJson(
    200,
    page.instances.map((instance) => toStatus(instance, options)),
    next,
  );
}

function toToken(next: number): string {
  return Buffer.from(String(next)).toString("base64");
}

function readFilter(query: URLSearchParams): InstanceFilter | undefined {
  const statuses = query.get("runtimeStatus");
  const from = query.get("createdTimeFrom");
  const to = query.get("createdTimeTo");
  const idPrefix = query.get("instanceIdPrefix");
  if (Number.isNaN(Date.parse(from ?? "1970")) || Number.isNaN(Date.parse(to ?? "1970"))) return undefined;
  return {
    ...(statuses === null ? {} : { statuses: statuses.split(",") }),
    ...(from === null ? {} : { createdFrom: Date.parse(from) }),
    ...(to === null ? {} : { createdTo: Date.parse(to) }),
    ...(idPrefix === null ? {} : { idPrefix }),
  };
}

function handleVerb(call: Call, id: string, verb: string): DurableResponse {
  const reason = call.query.get("reason") ?? "";
  switch (verb.toLowerCase()) {
    case "raiseevent":
      return raise(call, id);
    case "terminate":
      return answerOutcome(terminate(call.engine, id, reason), id);
    case "suspend":
      return answerOutcome(suspend(call.engine, id, reason), id);
    case "resume":
      return answerOutcome(resume(call.engine, id, reason), id);
    case "rewind":
      return answerOutcome(rewindInstance(call.engine, id, reason), id);
    case "restart":
      return restart(call, id);
    default:
      return answerEmpty(404);
  }
}

function raise(call: Call, id: string): DurableResponse {
  const name = call.segments[3];
  const input = readJsonText(call);
  if (name === undefined) return answerEmpty(404);
  if (input === undefined) return answerProblem(400, "Invalid JSON content");
  return answerOutcome(raiseEvent(call.engine, id, name, input), id);
}

function restart(call: Call, id: string): DurableResponse {
  const instance = call.engine.store.instances.read(id);
  if (instance === undefined) return answerEmpty(404);
  const withNewId = isOn(call, "restartWithNewInstanceId", true);
  return answerStarted(call, restartInstance(call.engine, instance, withNewId));
}

function answerOutcome(outcome: Outcome, id: string): DurableResponse {
  switch (outcome) {
    case "accepted":
      return answerEmpty(202);
    case "unknown":
      return answerJson(404, `No instance with ID '${id}' found.`);
    case "ended":
      return answerEmpty(410);
    case "not-failed":
      return answerJson(412, "The rewind operation is only supported on failed orchestration instances.");
  }
}

function answerPurged(instancesDeleted: number): DurableResponse {
  return answerJson(instancesDeleted === 0 ? 404 : 200, { instancesDeleted });
}
