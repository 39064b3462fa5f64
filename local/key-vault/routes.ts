import {
  deleteSecret,
  getDeletedSecret,
  getSecret,
  listDeletedSecrets,
  listSecrets,
  listVersions,
  type Operation,
  purgeSecret,
  recoverSecret,
  setSecret,
  updateSecret,
} from "./operations.ts";

/** Which operation a request asks for, and what a role must allow for it. */
export interface Route {
  readonly operation: Operation;
  readonly needs: "read" | "readWrite";
  /** The data action, as role definitions and refusals name it. */
  readonly action: string;
  readonly name: string;
  readonly version: string;
}

type RouteEntry = readonly [method: string, path: RegExp, action: string, needs: Route["needs"], Operation];

const name = "(?<name>[^/]+)";
const routes: readonly RouteEntry[] = [
  ["GET", /^\/secrets\/?$/, "readMetadata", "read", listSecrets],
  ["GET", new RegExp(`^/secrets/${name}/versions/?$`), "readMetadata", "read", listVersions],
  ["PUT", new RegExp(`^/secrets/${name}/?$`), "setSecret", "readWrite", setSecret],
  ["GET", new RegExp(`^/secrets/${name}(?:/(?<version>[^/]*))?/?$`), "getSecret", "read", getSecret],
  ["PATCH", new RegExp(`^/secrets/${name}(?:/(?<version>[^/]*))?/?$`), "update", "readWrite", updateSecret],
  ["DELETE", new RegExp(`^/secrets/${name}/?$`), "delete", "readWrite", deleteSecret],
  ["GET", /^\/deletedsecrets\/?$/, "readMetadata", "readWrite", listDeletedSecrets],
  ["GET", new RegExp(`^/deletedsecrets/${name}/?$`), "readMetadata", "readWrite", getDeletedSecret],
  ["POST", new RegExp(`^/deletedsecrets/${name}/recover/?$`), "recover", "readWrite", recoverSecret],
  ["DELETE", new RegExp(`^/deletedsecrets/${name}/?$`), "purge", "readWrite", purgeSecret],
];

export function findRoute(requestMethod: string, path: string): Route | undefined {
  for (const [method, pattern, action, needs, operation] of routes) {
    const match = requestMethod === method ? pattern.exec(path) : null;
    if (!match) continue;
    const { name = "", version = "" } = match.groups ?? {};
    return { operation, needs, action: `Microsoft.KeyVault/vaults/secrets/${action}/action`, name, version };
  }
  return undefined;
}
