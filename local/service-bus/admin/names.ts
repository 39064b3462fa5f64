import { badRequest } from "./admin-request.ts";

/** Azure's limits: 260 characters for topics and queues, 50 for subscriptions and rules. */
const entityNameLimit = 260;
const shortNameLimit = 50;
const shortName = /^[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9_])?$/;
const entityName = /^[A-Za-z0-9](?:[A-Za-z0-9._/~-]*[A-Za-z0-9_])?$/;

/** @throws AdminError 400 */
export function requireEntityName(name: string): void {
  requireName(name, entityName, entityNameLimit);
}

/** The name of a subscription or a rule. @throws AdminError 400 */
export function requireShortName(name: string): void {
  requireName(name, shortName, shortNameLimit);
}

function requireName(name: string, allowed: RegExp, limit: number): void {
  if (name.length > limit) throw badRequest(`The name '${name}' exceeds the ${limit} character limit.`);
  if (!allowed.test(name)) throw badRequest(`The name '${name}' contains characters that are not allowed.`);
}
