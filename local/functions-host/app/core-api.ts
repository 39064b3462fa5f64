import Module from "node:module";
import type {
  CoreApi,
  FunctionCallback,
  FunctionMetadata,
  HookCallback,
  LogSink,
  ProgrammingModel,
} from "./core-types.ts";

export interface AppFunction {
  readonly metadata: FunctionMetadata;
  readonly callback: FunctionCallback;
}

/** What the app's modules registered while they were imported. */
export interface AppRegistry {
  readonly functions: ReadonlyMap<string, AppFunction>;
  model(): ProgrammingModel | undefined;
  hooks(name: string): readonly HookCallback[];
}

const hookNames = ["appStart", "appTerminate", "preInvocation", "postInvocation", "log"];
const functions = new Map<string, AppFunction>();
const hooks = new Map<string, HookCallback[]>();
let programmingModel: ProgrammingModel | undefined;
let sink: LogSink | undefined;

class Disposable {
  readonly #callOnDispose: () => void;
  constructor(callOnDispose: () => void) {
    this.#callOnDispose = callOnDispose;
  }
  dispose(): void {
    this.#callOnDispose();
  }
}

const coreApi: CoreApi = {
  version: "3.12.0",
  hostVersion: "4.1040.0",
  Disposable,
  registerFunction(metadata, callback) {
    if (functions.has(metadata.name)) {
      throw new Error(`A function with name "${metadata.name}" has already been registered.`);
    }
    functions.set(metadata.name, { metadata, callback });
    return new Disposable(() => functions.delete(metadata.name));
  },
  setProgrammingModel: (model) => {
    programmingModel = model;
  },
  getProgrammingModel: () => programmingModel,
  registerHook(name, callback) {
    if (!hookNames.includes(name)) throw new RangeError(`Unrecognized hook "${name}"`);
    hooks.set(name, [...(hooks.get(name) ?? []), callback]);
    return new Disposable(() => {
      hooks.set(
        name,
        (hooks.get(name) ?? []).filter((each) => each !== callback),
      );
    });
  },
  log: (level, category, message) => sink?.(level, category, message),
};

/**
 * Makes `require("@azure/functions-core")` answer with our core API. Must happen before the app is imported:
 * the programming model asks once and keeps what it got (utils/tryGetCoreApiLazy.ts).
 * That is also why the registry is one per process: a host started again in the same process finds the
 * functions of the modules that Node will not load twice.
 * @returns the function that takes the patch back.
 */
export function installCoreApi(log: LogSink): () => void {
  const { prototype } = Module;
  const original = Object.getOwnPropertyDescriptor(prototype, "require");
  const originalRequire = original?.value as ((this: unknown, id: string) => unknown) | undefined;
  if (original === undefined || originalRequire === undefined) throw new Error("Module.require is missing");
  const patched = function (this: unknown, id: string): unknown {
    return id === "@azure/functions-core" ? coreApi : originalRequire.call(this, id);
  };
  Object.defineProperty(prototype, "require", { ...original, value: patched });
  sink = log;
  return () => {
    Object.defineProperty(prototype, "require", original);
    sink = undefined;
  };
}

export const registry: AppRegistry = {
  functions,
  model: () => programmingModel,
  hooks: (name) => hooks.get(name) ?? [],
};
