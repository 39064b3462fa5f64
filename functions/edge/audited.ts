import type { HttpRequest, HttpResponseInit, InvocationContext } from "@azure/functions";
import { Failure, toFailure } from "../../model/failures.ts";
import { covers, type Scope, toScope } from "../../model/scopes.ts";
import type { Answer } from "./answer.ts";
import { services, settings } from "./app-services.ts";
import { type Caller, readCaller } from "./caller.ts";

/**
 * An operator's action. It is written into the audit before it begins, so that none is done that cannot be written
 * down, and again when it is answered. With REQUIRE_APP_ROLES the caller needs the app role of the function's scope.
 * @param mendsAudit the call that stores the secrets the audit itself is opened with: while they are missing or wrong,
 *   it is written down only when it is answered
 */
export function audited(act: Answer, { mendsAudit = false }: { readonly mendsAudit?: boolean } = {}): Answer {
  return async (request, context) => {
    const caller = readCaller(request, settings.REQUIRE_APP_ROLES);
    const entry = toEntry(caller, request, context);
    const begin = (): Promise<void> =>
      services.audit.append({ phase: "asked", ...entry, at: new Date().toISOString() });
    await (mendsAudit ? tolerated(begin, context) : begin());
    const close = (status: number, code?: string): Promise<void> =>
      services.audit.append({
        ...{ phase: "answered", ...entry, at: new Date().toISOString(), status },
        ...(code && { code }),
      });
    let response: HttpResponseInit;
    try {
      requireRole(toScope(context.functionName), caller);
      response = await act(request, context);
    } catch (error) {
      const { status, code } = toFailure(error);
      await tolerated(() => close(status, code), context);
      throw error;
    }
    await tolerated(() => close(response.status ?? 200), context);
    return response;
  };
}

interface Entry {
  readonly id: string;
  readonly who: string;
  readonly from?: string;
  readonly action: string;
  readonly call: string;
}

function toEntry({ who, from }: Caller, request: HttpRequest, context: InvocationContext): Entry {
  const call = `${request.method} ${new URL(request.url).pathname}`;
  return { id: context.invocationId, who, ...(from && { from }), action: context.functionName, call };
}

/** An admin may do what an operator may. */
function requireRole(scope: Scope, { roles, who }: Caller): void {
  if (!settings.REQUIRE_APP_ROLES) return;
  const granted = (["read", "operate", "admin"] as const).filter((each) =>
    roles.includes(`sqlfleet.${each}`),
  );
  if (granted.some((each) => covers(each, scope))) return;
  throw new Failure("RoleRequired", `${who} does not have the app role sqlfleet.${scope}.`);
}

/** An action that is done must not look as if it were not, because its answer could not be written down. */
async function tolerated(write: () => Promise<void>, context: InvocationContext): Promise<void> {
  await write().catch((error: unknown) => {
    context.error("A line is missing in the audit.", error);
  });
}
