import { setTimeout as wait } from "node:timers/promises";
import type { RunId } from "../model/ids.ts";
import { RunControl } from "../model/messages.ts";
import { stateContainer, stateFile } from "../model/run-files.ts";
import type { Files } from "../services/services.ts";

type Order = RunControl["order"];

/** The run's order to its workers, read every second. */
export interface Control {
  /** The order, not older than {@link freshFor}: looks again when the last look was longer ago. */
  fresh(): Promise<Order>;
  stop(): void;
}

const every = 1_000;
/** Milliseconds an order may be old when a target starts. */
const freshFor = 2_000;

interface Options {
  readonly files: Pick<Files, "readChanged">;
  readonly runId: RunId;
  /** Called once for each order other than "go" when it comes. */
  readonly onOrder: (order: Exclude<Order, "go">) => void;
  readonly onError: (error: unknown) => void;
}

/**
 * Watches the control file. When it cannot be read the last order holds: Blob being away for a while is no reason to
 * stop, and a run that ends meanwhile takes its subscription with it.
 */
export function watchControl({ files, runId, onOrder, onError }: Options): Control {
  const stopped = new AbortController();
  let order: Order = "go";
  let etag: string | undefined;
  let lookedAt = 0;

  const look = async (): Promise<void> => {
    const answer = await files.readChanged(stateContainer, stateFile.control(runId), etag);
    lookedAt = Date.now();
    if (answer === undefined || answer === "unchanged") return;
    etag = answer.etag;
    const next = RunControl.parse(JSON.parse(Buffer.from(answer.content).toString("utf8"))).order;
    if (next === order) return;
    order = next;
    if (next !== "go") onOrder(next);
  };
  const lookSafely = async (): Promise<void> => {
    try {
      await look();
    } catch (error) {
      onError(error);
    }
  };
  const watch = async (): Promise<void> => {
    while (!stopped.signal.aborted) {
      await lookSafely();
      await wait(every, undefined, { signal: stopped.signal }).catch(() => undefined);
    }
  };

  void watch();
  return {
    fresh: async () => {
      if (Date.now() - lookedAt > freshFor) await lookSafely();
      return order;
    },
    stop: () => {
      stopped.abort();
    },
  };
}
