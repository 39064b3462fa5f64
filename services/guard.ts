import { Failure } from "../model/failures.ts";

type Methods = Readonly<Record<string, (...args: never[]) => Promise<unknown>>>;

/**
 * The same port, with every foreign error turned into a Failure that names the service. The SDKs' own retries
 * are over by then, so what is left is said to be unavailable; the caller may try again.
 */
export function guard<Port extends object>(service: string, port: Port): Port {
  const guarded = Object.entries(port as Methods).map(([name, method]) => [
    name,
    async (...args: never[]): Promise<unknown> => {
      try {
        return await method(...args);
      } catch (error) {
        throw toServiceFailure(service, error);
      }
    },
  ]);
  return Object.fromEntries(guarded) as Port;
}

function toServiceFailure(service: string, error: unknown): Failure {
  if (error instanceof Failure) return error;
  return new Failure("ServiceUnavailable", `${service}: ${describe(error)}`, { cause: error });
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
