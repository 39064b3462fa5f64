import { describeUnknown, type Engine, findFunction } from "../engine.ts";
import { hasEnded, type Instance, type RuntimeStatus } from "../instance.ts";
import { noticeLarge } from "../text.ts";
import { beginInstance, newExecutionId } from "../turn/carry-out.ts";

export interface StartRequest {
  readonly name: string;
  /** Made up when absent. */
  readonly id?: string | undefined;
  /** JSON text. */
  readonly input: string;
  readonly version?: string | undefined;
}

export type StartOutcome =
  | { readonly kind: "started"; readonly id: string }
  | { readonly kind: "exists"; readonly status: RuntimeStatus }
  | { readonly kind: "no-function"; readonly message: string };

/** Starts an orchestration; an id is free again once the instance that had it has ended. */
export function startInstance(engine: Engine, request: StartRequest): StartOutcome {
  const name = findFunction(engine, "orchestrationTrigger", request.name);
  if (name === undefined) {
    return {
      kind: "no-function",
      message: describeUnknown(engine, "orchestrationTrigger", request.name),
    };
  }
  const id = request.id ?? newExecutionId();
  const existing = engine.store.instances.read(id);
  if (existing !== undefined && !hasEnded(existing.status))
    return { kind: "exists", status: existing.status };
  const { input, version = "" } = request;
  noticeLarge(engine, id, `input of ${name}`, input);
  engine.store.commit((changes) => {
    beginInstance(changes, { id, name, version, input, parent: undefined }, engine.clock.now());
  });
  return { kind: "started", id };
}

/** Starts an instance's orchestration again with the same input, under its id or a new one. */
export function restartInstance(engine: Engine, instance: Instance, withNewId: boolean): StartOutcome {
  const { id, name, version, input } = instance;
  return startInstance(engine, { name, version, input, id: withNewId ? undefined : id });
}
