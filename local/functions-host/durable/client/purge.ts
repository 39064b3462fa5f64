import type { Engine } from "../engine.ts";
import { hasEnded, type Instance } from "../instance.ts";
import type { InstanceFilter } from "../store/instances.ts";

const pageSize = 500;

/** Deletes an instance that has ended. */
export function purgeInstance(engine: Engine, instanceId: string): number {
  const instance = engine.store.instances.read(instanceId);
  return instance === undefined ? 0 : purge(engine, [instance]);
}

/** Deletes all instances that match and have ended. */
export function purgeInstances(engine: Engine, filter: InstanceFilter): number {
  let deleted = 0;
  let after: number | undefined = 0;
  while (after !== undefined) {
    const page = engine.store.instances.list(filter, pageSize, after);
    deleted += purge(engine, page.instances);
    after = page.next;
  }
  return deleted;
}

function purge(engine: Engine, instances: readonly Instance[]): number {
  const ended = instances.filter((instance) => hasEnded(instance.status));
  engine.store.commit((changes) => {
    for (const { id } of ended) {
      changes.instances.delete(id);
      changes.history.replace(id, []);
      changes.history.forget(id);
      changes.inbox.clear(id);
    }
  });
  return ended.length;
}
