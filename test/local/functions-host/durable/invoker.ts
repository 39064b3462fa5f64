import { randomUUID } from "node:crypto";
import type { AppRegistry } from "../../../../local/functions-host/app/core-api.ts";
import type {
  FunctionInvoker,
  Invocation,
  InvocationResult,
} from "../../../../local/functions-host/invoker.ts";

/** The least that runs an app's functions through the real programming model. */
export function createTestInvoker(app: AppRegistry): FunctionInvoker {
  return {
    functions: () =>
      [...app.functions.values()].map(({ metadata }) => {
        const trigger = Object.values(metadata.bindings).find(({ type }) => type.endsWith("Trigger"))!;
        return { name: metadata.name, triggerType: trigger.type, trigger };
      }),
    invoke: (name, trigger) => invoke(app, name, trigger),
  };
}

async function invoke(app: AppRegistry, name: string, trigger: Invocation): Promise<InvocationResult> {
  const { metadata, callback } = app.functions.get(name)!;
  const inputs = Object.entries(metadata.bindings).filter(([, { direction }]) => direction === "in");
  const model = app.model()!.getInvocationModel({
    invocationId: randomUUID(),
    metadata,
    state: "invocation",
    request: {
      inputData: inputs.map(([input]) => ({ name: input, data: trigger.data })),
      triggerMetadata: trigger.metadata ?? {},
      retryContext: undefined,
    },
    log: () => undefined,
  });
  const { context, inputs: values } = await model.getArguments();
  const returned = await model.invokeFunction(context, values, callback);
  const { returnValue } = await model.getResponse(context, returned);
  return { ...(returnValue != null && { returnValue }), outputs: {}, returned };
}
