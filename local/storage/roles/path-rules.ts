/**
 * Role assignment conditions, as far as sqlfleet uses them: an action only on blobs with certain paths.
 * https://learn.microsoft.com/azure/storage/blobs/storage-auth-abac-attributes
 */
export interface PathRule {
  /** Without the `Microsoft.Storage/storageAccounts/` in front. */
  readonly actions: readonly string[];
  /** Within the container. `*` stands for any text, slashes included. */
  readonly paths: readonly string[];
}

const provider = "Microsoft.Storage/storageAccounts/";
const pathAttribute = `@Resource[${provider}blobServices/containers/blobs:path]`;

/**
 * Whether the rules let the action pass. An action that no rule names passes.
 * @param path absent for what has none, such as a list: a condition that cannot be evaluated is not met
 */
export function meetsRules(rules: readonly PathRule[], action: string, path: string | undefined): boolean {
  return rules
    .filter(({ actions }) => actions.includes(action))
    .every(({ paths }) => path !== undefined && paths.some((pattern) => isLike(path, pattern)));
}

/** The operator `StringLike`, but for `?`. */
export function isLike(text: string, pattern: string): boolean {
  const parts = pattern.split("*").map((part) => part.replaceAll(/[\\^$.|?+()[\]{}]/g, String.raw`\$&`));
  return new RegExp(`^${parts.join(".*")}$`, "s").test(text);
}

/** The same rules in Azure's language, on one line. */
export function toCondition(rules: readonly PathRule[]): string {
  return rules
    .map(({ actions, paths }) => {
      const others = actions.map((action) => `!(ActionMatches{'${provider}${action}'})`).join(" AND ");
      const allowed = paths.map((path) => `${pathAttribute} StringLike '${path}'`).join(" OR ");
      return `((${others}) OR (${allowed}))`;
    })
    .join(" AND ");
}
