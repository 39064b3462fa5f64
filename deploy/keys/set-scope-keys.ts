import { covers, type Scope, toScope } from "../../model/scopes.ts";

export interface ScopeKeys {
  /** `https://{app}.azurewebsites.net` */
  readonly app: string;
  readonly masterKey: string;
  readonly keys: Readonly<Record<Scope, string>>;
}

/** As much of `GET /admin/functions` as matters here. */
interface ListedFunction {
  readonly name: string;
  readonly config: { readonly bindings: readonly { readonly type?: string }[] };
}

/**
 * Gives every HTTP function one key per scope that may call it, under the scope's name: a caller needs one key for
 * all functions of a scope, and the host enforces it. Safe to repeat; with other values it is a rotation.
 * Source: github.com/Azure/azure-functions-host/wiki/Key-management-API
 * @returns the scopes that may call each function
 * @throws Error with call and status, when the host refuses one
 */
export async function setScopeKeys(order: ScopeKeys): Promise<ReadonlyMap<string, readonly Scope[]>> {
  const functions = (await call(order, "GET", "/admin/functions")) as readonly ListedFunction[];
  const opened = new Map<string, readonly Scope[]>();
  for (const { name } of functions.filter(isHttp)) {
    const allowed = (["read", "operate", "admin"] as const).filter((scope) => covers(scope, toScope(name)));
    for (const scope of allowed) {
      const path = `/admin/functions/${name}/keys/${scope}`;
      await call(order, "PUT", path, { name: scope, value: order.keys[scope] });
    }
    opened.set(name, allowed);
  }
  return opened;
}

function isHttp({ config }: ListedFunction): boolean {
  return config.bindings.some(({ type }) => type?.toLowerCase() === "httptrigger");
}

async function call(
  { app, masterKey }: ScopeKeys,
  method: string,
  path: string,
  body?: object,
): Promise<unknown> {
  const response = await fetch(new URL(path, app), {
    method,
    headers: { "x-functions-key": masterKey, "content-type": "application/json" },
    ...(body && { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}.`);
  return response.json();
}
