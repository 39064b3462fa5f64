import { randomUUID } from "node:crypto";
import { createDeferred } from "../deferred.ts";
import type { Clock } from "../part.ts";
import { isTrigger } from "./app/bindings.ts";
import type { AppFunction, AppRegistry } from "./app/core-api.ts";
import type { Binding, CoreInvocationContext, LogSink, RetryContext, RpcResponse } from "./app/core-types.ts";
import { runHooks } from "./app/hooks.ts";
import type {
  FunctionInvoker,
  Invocation,
  InvocationResult,
  RegisteredFunction,
  TypedData,
} from "./invoker.ts";

export interface InvokerOptions {
  readonly functions: readonly RegisteredFunction[];
  readonly clock: Clock;
  readonly log: LogSink;
  /** host.json's functionTimeout in milliseconds; undefined = no limit. */
  readonly timeout: number | undefined;
  /** The value of an input that is not the trigger. */
  readonly extraInput: (binding: Binding) => TypedData | undefined;
}

/** An invocation by one of the host's own triggers, which knows which try it is. */
interface HostInvocation extends Invocation {
  readonly retryContext?: RetryContext;
}

export interface HostInvoker extends FunctionInvoker {
  invoke(name: string, trigger: HostInvocation): Promise<InvocationResult>;
}

/** Runs functions through the programming model, in the order in which the real worker does it. */
export function createInvoker(app: AppRegistry, options: InvokerOptions): HostInvoker {
  return {
    functions: () => options.functions,
    async invoke(name, trigger) {
      const target = app.functions.get(name);
      if (target === undefined) throw new Error(`There is no function "${name}"`);
      const context = toCoreContext(target, trigger, options);
      return await withTimeout(runInvocation(app, target, context), name, options);
    },
  };
}

async function runInvocation(
  app: AppRegistry,
  target: AppFunction,
  core: CoreInvocationContext,
): Promise<InvocationResult> {
  const model = app.model()?.getInvocationModel(core);
  if (model === undefined) throw new Error("The app has set no programming model");
  const { context, inputs } = await model.getArguments();
  const hookData = {};
  const before = { hookData, invocationContext: context, inputs, functionCallback: target.callback };
  await runHooks(app, "preInvocation", before);
  core.state = "invocation";
  const outcome = await settle(model.invokeFunction(context, before.inputs, before.functionCallback));
  core.state = "postInvocationHooks";
  const after = { hookData, invocationContext: context, inputs: before.inputs, ...outcome };
  await runHooks(app, "postInvocation", after);
  // A hook may put an error in place of a result, or take an error away.
  if (after.error !== undefined && after.error !== null) throw after.error as Error;
  return { ...toResult(await model.getResponse(context, after.result)), returned: after.result };
}

function toCoreContext(
  { metadata }: AppFunction,
  trigger: HostInvocation,
  { extraInput, log }: InvokerOptions,
): CoreInvocationContext {
  const inputs = Object.entries(metadata.bindings).filter(([, { direction }]) => direction === "in");
  return {
    invocationId: randomUUID(),
    metadata,
    state: "preInvocationHooks",
    request: {
      inputData: inputs.map(([name, binding]) => ({
        name,
        data: isTrigger(binding.type) ? trigger.data : extraInput(binding),
      })),
      triggerMetadata: trigger.metadata ?? {},
      retryContext: trigger.retryContext,
    },
    log: (level, category, message) => {
      log(
        level,
        category === "user" ? `Function.${metadata.name}.User` : `Function.${metadata.name}`,
        message,
      );
    },
  };
}

async function settle(running: Promise<unknown>): Promise<{ result: unknown; error: unknown }> {
  try {
    return { result: await running, error: undefined };
  } catch (error) {
    return { result: undefined, error: error ?? new Error("The function threw nothing") };
  }
}

function toResult(response: RpcResponse): Omit<InvocationResult, "returned"> {
  const outputs = Object.fromEntries((response.outputData ?? []).map(({ name, data }) => [name, data]));
  return response.returnValue == null ? { outputs } : { returnValue: response.returnValue, outputs };
}

/** The real host restarts the worker of a function that runs too long; here the caller is let go, no more. */
async function withTimeout<T>(running: Promise<T>, name: string, options: InvokerOptions): Promise<T> {
  const { clock, timeout } = options;
  if (timeout === undefined) return await running;
  const limit = createDeferred<never>();
  const cancel = clock.after(timeout, () => {
    limit.reject(new Error(`Timeout value of ${timeout / 1000} s was exceeded by function: ${name}`));
  });
  return await Promise.race([running, limit.promise]).finally(cancel);
}
