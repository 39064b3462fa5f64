/**
 * Who may call a function over HTTP. `read` looks; `operate` uploads packages, starts and stops runs; `admin` handles
 * secrets and sees the audit. Each scope holds what those before it may do. The Functions host enforces it by keys of
 * single functions (deploy/keys); with REQUIRE_APP_ROLES the app roles of Entra ID are asked for as well.
 */
export type Scope = "read" | "operate" | "admin";

const scopes: Readonly<Record<string, Scope>> = {
  getLogs: "read",
  getManifests: "read",
  getPackage: "read",
  getRun: "read",
  getRunSchema: "read",
  getSecrets: "read",
  listPackages: "read",
  listRuns: "read",
  listTargets: "read",
  unknownRoute: "read",
  putPackage: "operate",
  startRun: "operate",
  cancelRun: "operate",
  prestageBatch: "operate",
  cleanupBatch: "operate",
  putSecrets: "admin",
  getAudit: "admin",
};

/** A function nobody thought of here is an admin's. */
export function toScope(functionName: string): Scope {
  return scopes[functionName] ?? "admin";
}

const order: readonly Scope[] = ["read", "operate", "admin"];

/** Whether a caller who has `granted` may do what needs `needed`. */
export function covers(granted: Scope, needed: Scope): boolean {
  return order.indexOf(granted) >= order.indexOf(needed);
}
