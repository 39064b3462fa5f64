import { once } from "node:events";
import type { DurableResponse } from "../../invoker.ts";
import { startInstance, type StartOutcome } from "../client/start.ts";
import { endedEvent } from "../engine.ts";
import { hasEnded } from "../instance.ts";
import { answerEmpty, answerJson, answerProblem, type Call, readJsonText } from "./call.ts";

/** `POST orchestrators/{name}[/{id}][?version=][&timeout=seconds]`. */
export async function handleOrchestrators(call: Call): Promise<DurableResponse> {
  const [, name, id] = call.segments;
  if (call.method !== "POST" || name === undefined) return answerEmpty(404);
  const input = readJsonText(call);
  if (input === undefined) return answerProblem(400, "Invalid JSON content");
  const version = call.query.get("version") ?? undefined;
  const outcome = startInstance(call.engine, { name, id, input, version });
  const timeout = Number(call.query.get("timeout") ?? 0);
  if (outcome.kind !== "started" || !(timeout > 0)) return answerStarted(call, outcome);
  return (await answerEnded(call, outcome.id, timeout * 1000)) ?? answerStarted(call, outcome);
}

/** 202 with the URLs of the new instance, 409 when the id is taken, 400 when there is no such function. */
export function answerStarted(call: Call, outcome: StartOutcome): DurableResponse {
  switch (outcome.kind) {
    case "started": {
      const urls = call.urls.managementUrls(outcome.id);
      return answerJson(202, urls, { location: urls.statusQueryGetUri, "retry-after": "10" });
    }
    case "exists":
      return answerProblem(
        409,
        `An Orchestration instance with the status ${outcome.status} already exists.`,
      );
    case "no-function":
      return answerProblem(400, outcome.message);
  }
}

/** The output of an instance once it has ended; undefined when it does not within `timeout` milliseconds. */
async function answerEnded(call: Call, id: string, timeout: number): Promise<DurableResponse | undefined> {
  const { ended, store } = call.engine;
  await once(ended, endedEvent(id), { signal: AbortSignal.timeout(timeout) }).catch(() => undefined);
  const instance = store.instances.read(id);
  if (instance === undefined || !hasEnded(instance.status)) return undefined;
  return answerJson(instance.status === "Failed" ? 500 : 200, JSON.parse(instance.output));
}
