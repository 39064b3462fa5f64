import * as df from "durable-functions";
import { createActivities } from "../activities/create-activities.ts";
import type { ActivityAnswer } from "../model/activities.ts";
import { toHistoryText } from "../model/failure-history.ts";
import { failures, toFailure, type Failure } from "../model/failures.ts";
import { run } from "../orchestrations/run.ts";
import { watch } from "../orchestrations/watch.ts";
import { services } from "./edge/app-services.ts";

const activities = createActivities(services, () => new Date());

for (const [name, activity] of Object.entries(activities)) {
  const act = activity as (input: unknown) => Promise<unknown>;
  df.app.activity(name, { handler: (input: unknown) => answerActivity(() => act(input)) });
}
df.app.orchestration("run", run);
df.app.orchestration("watch", watch);

/** What trying again may mend is thrown, and Durable Functions retries; the rest is an answer. */
async function answerActivity(act: () => Promise<unknown>): Promise<ActivityAnswer<unknown>> {
  try {
    return { value: (await act()) ?? null };
  } catch (error) {
    const failure = toFailure(error);
    if (failures[failure.code].retry || failure.code === "InternalError") throw toThrown(failure);
    return { failure: failure.toReport() };
  }
}

/** A new error: the history keeps text and stack, and a foreign error's may be long. */
function toThrown(failure: Failure): Error {
  const error = new Error(toHistoryText(failure));
  delete error.stack;
  return error;
}
