import type { StorageAssignment } from "./assignments.ts";
import { isLike, meetsRules } from "./path-rules.ts";
import { roleDefinitions } from "./role-definitions.ts";

/** One thing a request needs the right to. */
export interface Need {
  /** Any of these actions is enough; without the `Microsoft.Storage/storageAccounts/` in front. */
  readonly anyOf: readonly string[];
  /** Absent for what concerns the account: a role on a container does not reach that far. */
  readonly container?: string | undefined;
  /** Of the one blob it is about. */
  readonly path?: string | undefined;
}

/** What role assignments say of an identity's request. They only ever allow: one that does is enough for each need. */
export function isAllowed(
  assignments: readonly Pick<StorageAssignment, "role" | "container" | "rules">[],
  needs: readonly Need[],
): boolean {
  return needs.every((need) =>
    assignments.some(({ role, container, rules = [] }) => {
      if (container !== undefined && container !== need.container) return false;
      return need.anyOf.some(
        (action) =>
          roleDefinitions[role].actions.some((pattern) => isLike(action, pattern)) &&
          meetsRules(rules, action, need.path),
      );
    }),
  );
}
