import type { OrchestrationContext, RetryOptions, Task } from "durable-functions";
import type { Activities, ActivityAnswer, ActivityName } from "../model/activities.ts";
import { Failure } from "../model/failures.ts";

type Input<Name extends ActivityName> = Parameters<Activities[Name]>[0];
type Output<Name extends ActivityName> = Awaited<ReturnType<Activities[Name]>>;

/** Schedules an activity without waiting for it: for Task.all, with {@link unwrap} over the results. */
export function schedule<Name extends ActivityName>(
  context: OrchestrationContext,
  name: Name,
  input: Input<Name>,
): Task {
  return context.df.callActivityWithRetry(name, retries, input);
}

/**
 * Runs an activity and gives its result: `const x = yield* call(context, "name", input)`.
 * @throws Failure when it failed for good; what was thrown after the last try.
 */
export function* call<Name extends ActivityName>(
  context: OrchestrationContext,
  name: Name,
  input: Input<Name>,
): Generator<Task, Output<Name>, ActivityAnswer<Output<Name>>> {
  return unwrap(yield schedule(context, name, input));
}

/** @throws Failure */
export function unwrap<Value>(answer: ActivityAnswer<Value>): Value {
  if (answer.failure) throw new Failure(answer.failure.code, answer.failure.message);
  return answer.value;
}

/**
 * Services answer again within a minute, or not soon. A plain object: an orchestration imports types only, and
 * the library asks for the properties, not for its class.
 */
const retries = {
  firstRetryIntervalInMilliseconds: 1_000,
  maxNumberOfAttempts: 5,
  backoffCoefficient: 3,
  maxRetryIntervalInMilliseconds: 30_000,
} as unknown as RetryOptions;
