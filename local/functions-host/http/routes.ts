import type { RegisteredFunction } from "../invoker.ts";
import { parseRouteTemplate, type RouteTemplate } from "./route-template.ts";

export type AuthLevel = "anonymous" | "function" | "admin";

export interface HttpRoute {
  readonly functionName: string;
  readonly methods: readonly string[];
  readonly authLevel: AuthLevel;
  readonly template: RouteTemplate;
}

export interface RouteMatch {
  readonly route: HttpRoute;
  readonly params: Readonly<Record<string, string>>;
}

/**
 * The HTTP functions in the order in which the real host tries them: by the function's name, not by how
 * specific the route is (github.com/Azure/azure-functions-host/issues/9876). Overlapping routes therefore pick
 * the same function here as in Azure.
 * @throws {Error} for a template that cannot be read, with the function's name.
 */
export function collectRoutes(functions: readonly RegisteredFunction[], routePrefix: string): HttpRoute[] {
  return functions
    .filter(({ triggerType }) => triggerType === "httpTrigger")
    .map((each) => toRoute(each, routePrefix))
    .sort((a, b) => (a.functionName.toLowerCase() < b.functionName.toLowerCase() ? -1 : 1));
}

/** Undefined = 404, also when only the method is wrong: the real host's routes carry their methods. */
export function findRoute(
  routes: readonly HttpRoute[],
  method: string,
  path: string,
): RouteMatch | undefined {
  for (const route of routes) {
    const params = route.methods.includes(method) ? route.template.match(path) : undefined;
    if (params !== undefined) return { route, params };
  }
  return undefined;
}

function toRoute({ name, trigger }: RegisteredFunction, routePrefix: string): HttpRoute {
  const route = typeof trigger["route"] === "string" ? trigger["route"] : name;
  const methods = (trigger["methods"] as readonly string[] | undefined) ?? ["GET", "POST"];
  try {
    return {
      functionName: name,
      methods: methods.map((method) => method.toUpperCase()),
      authLevel: (trigger["authLevel"] as AuthLevel | undefined) ?? "function",
      template: parseRouteTemplate(`${routePrefix}/${route}`),
    };
  } catch (cause) {
    throw new Error(`The route "${route}" of function "${name}" cannot be read`, { cause });
  }
}
