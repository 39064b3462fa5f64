/** Who waits for an answer of an entity, or holds its lock. */
export interface Caller {
  readonly instanceId: string;
  readonly executionId: string;
}

/** What lies in an entity's queue. */
export type EntityMessage =
  | {
      readonly kind: "operation";
      /** Names the answer: the caller's EventRaised carries it. */
      readonly id: string;
      readonly name: string;
      /** JSON text; null: the operation has no input. */
      readonly input: string | null;
      /** null: a signal, nobody waits. */
      readonly caller: Caller | null;
    }
  | {
      /** Goes through the entities of `lockSet` in order; the last one answers. */
      readonly kind: "lock";
      readonly id: string;
      readonly caller: Caller;
      readonly lockSet: readonly string[];
      readonly position: number;
    }
  | { readonly kind: "release"; readonly id: string; readonly instanceId: string };

/** `@name@key` with the name in lower case: an entity's id in every message. */
export function toEntityId(name: string, key: string): string {
  return `@${name.toLowerCase()}@${key}`;
}

export function parseEntityId(id: string): { readonly name: string; readonly key: string } {
  const second = id.indexOf("@", 1);
  return { name: id.slice(1, second), key: id.slice(second + 1) };
}
