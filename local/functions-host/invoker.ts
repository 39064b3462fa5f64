/**
 * The seam between the Functions host and the durable backend: the host runs one function of the loaded app;
 * the durable backend decides when, and with what history.
 */
export interface FunctionInvoker {
  /** Every function the app registered. */
  functions(): readonly RegisteredFunction[];
  /**
   * Runs one function to its end.
   * @throws whatever the function threw (for an orchestration, an Error whose message carries its state).
   */
  invoke(name: string, trigger: Invocation): Promise<InvocationResult>;
}

export interface RegisteredFunction {
  readonly name: string;
  /** The trigger binding's type, as in function.json: httpTrigger, timerTrigger, orchestrationTrigger, activityTrigger, … */
  readonly triggerType: string;
  /** The trigger binding itself. */
  readonly trigger: Readonly<Record<string, unknown>>;
}

/** A value as the Functions RPC contract carries it (RpcTypedData): exactly one of these is set. */
export interface TypedData {
  readonly string?: string;
  readonly json?: string;
  readonly bytes?: Uint8Array;
  readonly int?: number;
  readonly double?: number;
  readonly http?: unknown;
  readonly collectionBytes?: { readonly bytes: readonly Uint8Array[] };
  readonly collectionString?: { readonly string: readonly string[] };
}

export interface Invocation {
  readonly data: TypedData;
  readonly metadata?: Readonly<Record<string, TypedData>>;
}

export interface InvocationResult {
  readonly returnValue?: TypedData;
  /**
   * What the function itself returned, before `returnValue` was made of it. The durable backend tells by object
   * identity when an orchestration yields one task twice; without this it cannot.
   */
  readonly returned: unknown;
  readonly outputs: Readonly<Record<string, TypedData>>;
}

/** What the durable backend gives the host. */
export interface DurableBackend {
  /** JSON of the durableClient input binding, for `df.getClient`. */
  clientBinding(): string;
  /** Answers a request under /durabletask/ (the client's RPC) or /runtime/webhooks/durabletask/; false = not its path. */
  handle(request: DurableRequest): Promise<DurableResponse | undefined>;
  /** Takes up what was running when the host last stopped. */
  start(): Promise<void>;
  /** Stops taking turns; waits for what runs. */
  stop(): Promise<void>;
}

export interface DurableRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

export interface DurableResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}
