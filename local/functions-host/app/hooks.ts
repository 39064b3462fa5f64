import type { AppRegistry } from "./core-api.ts";
import type { LogSink } from "./core-types.ts";

/** Runs the app's hooks of one name in the order they were registered; each may change the context. */
export async function runHooks(
  app: AppRegistry,
  name: "appStart" | "appTerminate" | "preInvocation" | "postInvocation",
  context: Record<string, unknown>,
): Promise<void> {
  for (const hook of app.hooks(name)) await hook(context);
}

/** Passes every line of the app by its `log` hooks, which may change its level and message, on its way to `log`. */
export function withLogHooks(app: AppRegistry, log: LogSink): LogSink {
  return (level, category, message) => {
    const context: Record<string, unknown> = { hookData: {}, level, category, message };
    for (const hook of app.hooks("log")) hook(context);
    log(context["level"] as typeof level, category, String(context["message"]));
  };
}
