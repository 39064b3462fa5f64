import type { TypedData } from "../invoker.ts";

/**
 * The part of `@azure/functions-core` that the programming model (@azure/functions 4) and its hooks use. The
 * package exists only inside the real language worker and ships no types, so they are written down here;
 * source: the `coreTypes` uses in @azure/functions/src.
 */
export interface CoreApi {
  readonly version: string;
  readonly hostVersion: string;
  readonly Disposable: new (callOnDispose: () => void) => CoreDisposable;
  registerFunction(metadata: FunctionMetadata, callback: FunctionCallback): CoreDisposable;
  setProgrammingModel(model: ProgrammingModel): void;
  getProgrammingModel(): ProgrammingModel | undefined;
  registerHook(name: string, callback: HookCallback): CoreDisposable;
  log(level: LogLevel, category: string, message: string): void;
}

interface CoreDisposable {
  dispose(): void;
}

type LogLevel = "trace" | "debug" | "information" | "warning" | "error" | "critical" | "none";
export type LogSink = (level: LogLevel, category: string, message: string) => void;
export type FunctionCallback = (...inputs: unknown[]) => unknown;
export type HookCallback = (context: Record<string, unknown>) => unknown;

/** A binding as function.json would hold it; beside these three, whatever its type needs. */
export interface Binding extends Readonly<Record<string, unknown>> {
  readonly type: string;
  readonly direction: "in" | "out" | "inout";
}

export interface FunctionMetadata {
  readonly name: string;
  readonly bindings: Readonly<Record<string, Binding>>;
  readonly retryOptions?: RetryOptions | undefined;
}

export interface RetryOptions {
  /** -1 = for ever. */
  readonly maxRetryCount: number;
  readonly retryStrategy: "fixedDelay" | "exponentialBackoff";
  readonly delayInterval?: RpcDuration | undefined;
  readonly minimumInterval?: RpcDuration | undefined;
  readonly maximumInterval?: RpcDuration | undefined;
}

export interface RpcDuration {
  readonly seconds?: number;
}

/** Which try this is, as `context.retryContext` shows it. */
export interface RetryContext {
  readonly retryCount: number;
  readonly maxRetryCount: number;
  readonly exception?: { readonly message: string };
}

export interface CoreInvocationContext {
  readonly invocationId: string;
  readonly metadata: FunctionMetadata;
  state: "preInvocationHooks" | "invocation" | "postInvocationHooks";
  readonly request: {
    readonly inputData: readonly { readonly name: string; readonly data: TypedData | undefined }[];
    readonly triggerMetadata: Readonly<Record<string, TypedData>>;
    readonly retryContext: RetryContext | undefined;
  };
  log(level: LogLevel, category: string, message: string): void;
}

export interface ProgrammingModel {
  readonly name: string;
  getInvocationModel(context: CoreInvocationContext): InvocationModel;
  getCapabilities(known: Record<string, string>): Promise<Record<string, string>>;
}

interface InvocationModel {
  getArguments(): Promise<{ readonly context: unknown; readonly inputs: unknown[] }>;
  invokeFunction(context: unknown, inputs: unknown[], callback: FunctionCallback): Promise<unknown>;
  getResponse(context: unknown, result: unknown): Promise<RpcResponse>;
}

export interface RpcResponse {
  readonly returnValue?: TypedData | null;
  readonly outputData?: readonly { readonly name: string; readonly data: TypedData }[];
}
