import { isCompatible, type LockMode } from "./modes.ts";

/** How a request ended. */
export type LockOutcome = "granted" | "grantedAfterWait" | "timeout" | "cancelled" | "deadlock";

export interface LockRequest {
  /** The session: it never waits for itself. */
  readonly owner: number;
  readonly resource: string;
  readonly mode: LockMode;
  /** Milliseconds; -1 waits for ever, 0 not at all. */
  readonly timeout: number;
  readonly signal: AbortSignal;
}

interface Waiter extends LockRequest {
  readonly finish: (outcome: LockOutcome) => void;
}

interface Resource {
  readonly granted: { readonly owner: number; readonly mode: LockMode }[];
  readonly waiting: Waiter[];
}

/** Locks by name, granted in the order asked for; a wait that would close a circle is refused. */
export class LockManager {
  private readonly resources = new Map<string, Resource>();

  async acquire(request: LockRequest): Promise<LockOutcome> {
    const resource = this.open(request.resource);
    const mayOvertake = resource.granted.some(({ owner }) => owner === request.owner);
    if ((resource.waiting.length === 0 || mayOvertake) && isFree(resource, request)) {
      resource.granted.push({ owner: request.owner, mode: request.mode });
      return "granted";
    }
    const refused = this.refuse(request, resource);
    if (refused === undefined) return this.wait(request, resource);
    this.forget(request.resource);
    return refused;
  }

  /** Gives back one lock of the owner's. @returns false when it has none. */
  release(owner: number, name: string, mode?: LockMode): boolean {
    const resource = this.resources.get(name);
    const index = resource?.granted.findLastIndex(
      (lock) => lock.owner === owner && (mode === undefined || lock.mode === mode),
    );
    if (resource === undefined || index === undefined || index < 0) return false;
    resource.granted.splice(index, 1);
    this.promote(name, resource);
    return true;
  }

  modesOf(owner: number, name: string): readonly LockMode[] {
    const granted = this.resources.get(name)?.granted ?? [];
    return granted.filter((lock) => lock.owner === owner).map((lock) => lock.mode);
  }

  private open(name: string): Resource {
    const known = this.resources.get(name) ?? { granted: [], waiting: [] };
    this.resources.set(name, known);
    return known;
  }

  private refuse(request: LockRequest, resource: Resource): LockOutcome | undefined {
    if (request.timeout === 0) return "timeout";
    if (request.signal.aborted) return "cancelled";
    return this.closesCircle(request.owner, blockers(resource, request)) ? "deadlock" : undefined;
  }

  private wait(request: LockRequest, resource: Resource): Promise<LockOutcome> {
    return new Promise((resolve) => {
      const stop = (): void => {
        waiter.finish("cancelled");
      };
      const timer =
        request.timeout < 0
          ? undefined
          : setTimeout(() => {
              waiter.finish("timeout");
            }, request.timeout);
      const waiter: Waiter = {
        ...request,
        finish: (outcome) => {
          clearTimeout(timer);
          request.signal.removeEventListener("abort", stop);
          resource.waiting.splice(resource.waiting.indexOf(waiter), 1);
          if (outcome !== "grantedAfterWait") this.promote(request.resource, resource);
          resolve(outcome);
        },
      };
      request.signal.addEventListener("abort", stop, { once: true });
      resource.waiting.push(waiter);
    });
  }

  /** Grants from the front of the queue as far as it goes. */
  private promote(name: string, resource: Resource): void {
    for (let first = resource.waiting[0]; first !== undefined; first = resource.waiting[0]) {
      if (!isFree(resource, first)) return;
      resource.granted.push({ owner: first.owner, mode: first.mode });
      first.finish("grantedAfterWait");
    }
    this.forget(name);
  }

  private forget(name: string): void {
    const resource = this.resources.get(name);
    if (resource?.granted.length === 0 && resource.waiting.length === 0) this.resources.delete(name);
  }

  /** Does anyone who is waited for wait, through others, for `owner`? */
  private closesCircle(owner: number, waitedFor: readonly number[], seen = new Set<number>()): boolean {
    for (const other of waitedFor) {
      if (other === owner) return true;
      if (seen.has(other)) continue;
      seen.add(other);
      if (this.closesCircle(owner, this.waitedForBy(other), seen)) return true;
    }
    return false;
  }

  private waitedForBy(owner: number): readonly number[] {
    return [...this.resources.values()].flatMap((resource) =>
      resource.waiting
        .filter((waiter) => waiter.owner === owner)
        .flatMap((waiter) => blockers(resource, waiter)),
    );
  }
}

function isFree(resource: Resource, { owner, mode }: LockRequest): boolean {
  return resource.granted.every((lock) => lock.owner === owner || isCompatible(lock.mode, mode));
}

/** Holders in the way, and those who asked before. */
function blockers(resource: Resource, { owner, mode }: LockRequest): readonly number[] {
  const holders = resource.granted.filter((lock) => lock.owner !== owner && !isCompatible(lock.mode, mode));
  const at = resource.waiting.findIndex((waiter) => waiter.owner === owner);
  const earlier = resource.waiting.slice(0, at < 0 ? undefined : at);
  return [...holders, ...earlier].map((lock) => lock.owner).filter((other) => other !== owner);
}
