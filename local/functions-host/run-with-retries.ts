import type { Clock } from "../part.ts";
import type { AppRegistry } from "./app/core-api.ts";
import type { LogSink, RetryContext, RetryOptions, RpcDuration } from "./app/core-types.ts";
import type { HostInvoker } from "./invoke.ts";
import type { Invocation } from "./invoker.ts";

export interface RetryParts {
  readonly app: AppRegistry;
  readonly invoker: HostInvoker;
  readonly clock: Clock;
  readonly log: LogSink;
  /** The host is stopping: a failed invocation is not tried again then. */
  readonly stopping: AbortSignal;
}

/** Runs a function as often as its `retry` option allows; every failure is logged, none is thrown. */
export async function runWithRetries(name: string, trigger: Invocation, parts: RetryParts): Promise<void> {
  const options = parts.app.functions.get(name)?.metadata.retryOptions;
  let failed: RetryContext | undefined;
  for (let retryCount = 0; ; retryCount += 1) {
    const message = await tryOnce(name, { ...trigger, ...(failed && { retryContext: failed }) }, parts);
    if (message === undefined || options === undefined || parts.stopping.aborted) return;
    const { maxRetryCount } = options;
    if (maxRetryCount >= 0 && retryCount >= maxRetryCount) return;
    failed = { retryCount: retryCount + 1, maxRetryCount, exception: { message } };
    if (!(await waited(delayBefore(retryCount, options), parts))) return;
  }
}

/** @returns the error's message when the function failed. */
async function tryOnce(
  name: string,
  trigger: Parameters<HostInvoker["invoke"]>[1],
  { invoker, log }: RetryParts,
): Promise<string | undefined> {
  try {
    await invoker.invoke(name, trigger);
    return undefined;
  } catch (error) {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    log("error", `Function.${name}`, `Executed 'Functions.${name}' (Failed): ${text}`);
    return error instanceof Error ? error.message : String(error);
  }
}

/** Milliseconds before retry number `retryCount + 1`. */
export function delayBefore(retryCount: number, options: RetryOptions): number {
  if (options.retryStrategy === "fixedDelay") return toMilliseconds(options.delayInterval);
  const least = toMilliseconds(options.minimumInterval);
  const most = toMilliseconds(options.maximumInterval);
  return Math.min(most, least * 2 ** retryCount);
}

const toMilliseconds = (duration: RpcDuration | undefined): number => (duration?.seconds ?? 0) * 1000;

/** False as soon as the host stops. */
function waited(milliseconds: number, { clock, stopping }: RetryParts): Promise<boolean> {
  return new Promise((resolve) => {
    const cancel = clock.after(milliseconds, () => {
      stopping.removeEventListener("abort", stop);
      resolve(true);
    });
    const stop = (): void => {
      cancel();
      resolve(false);
    };
    stopping.addEventListener("abort", stop, { once: true });
  });
}
