import { Failure } from "../model/failures.ts";

type Answer = Promise<unknown> | AsyncIterable<unknown>;
type Methods = Readonly<Record<string, (...args: never[]) => Answer>>;

/**
 * The same port, with every foreign error turned into a Failure that names the service, also one that is met
 * between the items of an answer. The SDKs' own retries are over by then, so what is left is said to be
 * unavailable; the caller may try again. Methods do not throw, they answer with a promise or with items.
 */
export function guard<Port extends object>(service: string, port: Port): Port {
  const guarded = Object.entries(port as Methods).map(([name, method]) => [
    name,
    (...args: never[]): Answer => {
      const answer = method(...args);
      return Symbol.asyncIterator in answer ? guardItems(service, answer) : guardPromise(service, answer);
    },
  ]);
  return Object.fromEntries(guarded) as Port;
}

async function guardPromise(service: string, answer: Promise<unknown>): Promise<unknown> {
  try {
    return await answer;
  } catch (error) {
    throw toServiceFailure(service, error);
  }
}

/** An error of who goes through the items is not caught: it only ends the iteration. */
async function* guardItems(service: string, answer: AsyncIterable<unknown>): AsyncGenerator {
  try {
    yield* answer;
  } catch (error) {
    throw toServiceFailure(service, error);
  }
}

function toServiceFailure(service: string, error: unknown): Failure {
  const known = findFailure(error);
  if (known) return known;
  const text = describe(error);
  const code = refusal.test(text) ? "RoleMissing" : "ServiceUnavailable";
  return new Failure(code, `${service}: ${text}`, { cause: error });
}

/** How services say that they know the caller and do not let it: Storage, Batch and Resource Manager, messaging. */
const refusal =
  /^AuthorizationPermissionMismatch|^AuthorizationFailed|^UnauthorizedAccess|claims?(\(s\))? ((is|are) )?required/;

/** A credential's Failure comes back as it was thrown, or wrapped by the SDK that had asked for the token. */
function findFailure(error: unknown): Failure | undefined {
  if (error instanceof Failure) return error;
  return error instanceof Error && error.cause !== undefined ? findFailure(error.cause) : undefined;
}

/** Code and first lines only: an SDK's full text repeats request headers. */
function describe(error: unknown): string {
  const { code, errors } = (error ?? {}) as { code?: unknown; errors?: unknown };
  // A chain of credentials says why only in the errors of its links.
  const causes = Array.isArray(errors) ? errors.map(toFirstLine) : [];
  const text = [toFirstLine(error), ...causes].join(" ");
  return typeof code === "string" ? `${code}: ${text}` : text;
}

function toFirstLine(error: unknown): string {
  const { message } = (error ?? {}) as { message?: unknown };
  return typeof message === "string" ? (message.split("\n")[0] ?? "") : String(error);
}
