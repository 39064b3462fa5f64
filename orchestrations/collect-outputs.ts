import type { OrchestrationContext, Task } from "durable-functions";
import type { Activities } from "../model/activities.ts";
import { call } from "./call.ts";

/**
 * What workers wrote is for people: no run ends in another way because it could not be collected. Before the jobs are
 * released, for their outputs go with them.
 */
export function* collectOutputs(
  context: OrchestrationContext,
  input: Parameters<Activities["collectOutputs"]>[0],
): Generator<Task, void, never> {
  try {
    yield* call(context, "collectOutputs", input);
  } catch {
    // The activity says itself what is missing; when it could not even do that, the other steps will say why.
  }
}
