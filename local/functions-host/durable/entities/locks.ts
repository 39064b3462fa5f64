import type { Changes } from "../store/changes.ts";

/** Gives back the locks an orchestration still holds when its execution ends. */
export function releaseLocksOf(changes: Changes, instanceId: string): void {
  for (const entityId of changes.entities.lockedBy(instanceId)) {
    changes.entities.write(entityId, { ...changes.entities.read(entityId), lockedBy: null });
    changes.afterwards((to) => {
      to.entityChanged(entityId);
    });
  }
}
