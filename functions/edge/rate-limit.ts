import type { HttpRequest, InvocationContext } from "@azure/functions";
import { RateLimiterMemory, RateLimiterRes } from "rate-limiter-flexible";
import { type Scope, toScope } from "../../model/scopes.ts";
import { type CallerSettings, CallerSettings as Schema, parseSettings } from "../../model/settings.ts";
import { readCaller } from "./caller.ts";

/** Seconds in which calls are counted. */
const window = 60;

/** Takes a caller's turn; @returns the seconds to wait when there is none left. */
export type TakeTurn = (request: HttpRequest, context: InvocationContext) => Promise<number | undefined>;

/**
 * So many calls a minute for each caller in each scope, counted in this process's memory: an app of several instances
 * lets through as many times the limit.
 */
function createRateLimit(settings: CallerSettings): TakeTurn {
  const toLimiter = (points: number): RateLimiterMemory =>
    new RateLimiterMemory({ points, duration: window });
  const actions = toLimiter(settings.RATE_LIMIT_ACTIONS);
  const limiters: Readonly<Record<Scope, RateLimiterMemory>> = {
    read: toLimiter(settings.RATE_LIMIT_READS),
    operate: actions,
    admin: actions,
  };
  return async (request, context) => {
    const scope = toScope(context.functionName);
    const { who } = readCaller(request, settings.REQUIRE_APP_ROLES);
    const limiter = limiters[scope];
    const turn = await limiter.consume(`${scope}|${who}`).catch(toTurn);
    const over = turn.consumedPoints - limiter.points;
    if (over <= 0) return undefined;
    // Once in a window: who calls too often must not fill the log as well.
    if (over === 1)
      context.warn(`TooManyRequests: ${who} made ${limiter.points} calls (${scope}) in ${window} s.`);
    return Math.max(1, Math.ceil(turn.msBeforeNext / 1_000));
  };
}

/** The library rejects with its result when no turn is left. */
function toTurn(thrown: unknown): RateLimiterRes {
  if (thrown instanceof RateLimiterRes) return thrown;
  throw thrown as Error;
}

/** This process's. Apart from the app's services, which an answer does not need. */
export const takeTurn = createRateLimit(parseSettings(Schema, process.env));
