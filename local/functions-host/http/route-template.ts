import { type Constraint, parseConstraint } from "./route-constraints.ts";

export interface RouteTemplate {
  /** The route's parameters, or undefined when the path is not this route's. A missing optional one is left out. */
  match(path: string): Record<string, string> | undefined;
}

interface Parameter {
  readonly name: string;
  readonly constraints: readonly Constraint[];
}

/**
 * Parses an ASP.NET Core route template: literals in any case, `{name}`, `{name?}`, `{name:int:min(1)}`,
 * `{*rest}`, and several parts in one segment (`v{major}.{minor}`).
 * Source: learn.microsoft.com/aspnet/core/fundamentals/routing#route-templates
 * @throws {Error} for a constraint that does not exist, a default value (`{name=value}`) or an odd brace.
 */
export function parseRouteTemplate(template: string): RouteTemplate {
  const parameters: Parameter[] = [];
  const segments = template.split("/").filter((segment) => segment !== "");
  const pattern = segments.map((segment) => toPattern(segment, parameters)).join("");
  const expression = new RegExp(`^${pattern}/?$`, "i");
  return {
    match(path) {
      const found = expression.exec(decodePath(path));
      return found === null ? undefined : takeParameters(parameters, found);
    },
  };
}

// The braces of a regular expression in a constraint are doubled.
const wholeParameter = /^\{(\*{0,2})([^{}:?=]+)((?::(?:[^{}?]|\{\{|\}\})+)*)(\?)?\}$/;
const innerParameter = /\{([^{}:?=]+)((?::(?:[^{}?]|\{\{|\}\})+)*)\}/g;

function toPattern(segment: string, parameters: Parameter[]): string {
  const whole = wholeParameter.exec(segment);
  if (whole === null) return `/${toMixedPattern(segment, parameters)}`;
  const [, star, name = "", constraints = "", optional] = whole;
  parameters.push({ name, constraints: parseConstraints(constraints) });
  if (star) return "(?:/(.*))?";
  return optional ? "(?:/([^/]+))?" : "/([^/]+)";
}

function toMixedPattern(segment: string, parameters: Parameter[]): string {
  let pattern = "";
  let end = 0;
  for (const found of segment.matchAll(innerParameter)) {
    const [text, name = "", constraints = ""] = found;
    parameters.push({ name, constraints: parseConstraints(constraints) });
    pattern += `${escape(segment.slice(end, found.index))}([^/]+?)`;
    end = found.index + text.length;
  }
  return pattern + escape(segment.slice(end));
}

function parseConstraints(text: string): Constraint[] {
  return text
    .split(/:(?![^(]*\))/)
    .filter((part) => part !== "")
    .map(parseConstraint);
}

function takeParameters(
  parameters: readonly Parameter[],
  found: RegExpExecArray,
): Record<string, string> | undefined {
  const taken: Record<string, string> = {};
  for (const [index, { name, constraints }] of parameters.entries()) {
    const value: string | undefined = found[index + 1];
    if (value === undefined) continue;
    if (!constraints.every((fits) => fits(value))) return undefined;
    taken[name] = value;
  }
  return taken;
}

/** Kestrel decodes a path but leaves %2F alone, so that a slash inside a value does not split the segment. */
function decodePath(path: string): string {
  return path.split(/%2f/i).map(decode).join("%2F");
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function escape(literal: string): string {
  if (/[{}]/.test(literal)) throw new Error(`"${literal}" is not a route parameter this host can read`);
  return literal.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
