import type { TaskProcess } from "../../process/agent.ts";

/** What the node keeps of one pod, from its start until the pod is deleted. */
export interface PodRun {
  readonly uid: string;
  readonly folder: string;
  /** One file per start of its container; the last is the present one. */
  readonly logs: string[];
  /** Of the container's present start. */
  process?: TaskProcess;
  /** Why it is being ended from outside. */
  ending?: PodEnding;
  /** Aborted when it is to end: it may be waiting to be started again. */
  readonly leaving: AbortController;
  /** Nothing of it runs, and nothing will. */
  isOver: boolean;
  /** Settles with `isOver`. */
  done: Promise<void>;
}

export type PodEnding =
  | { readonly why: "deleted" }
  | { readonly why: "out-of-memory" }
  | { readonly why: "evicted"; readonly message: string };

export function endRun(run: PodRun, ending: PodEnding, graceMilliseconds: number): void {
  run.ending = ending;
  run.leaving.abort();
  run.process?.end(graceMilliseconds);
}
