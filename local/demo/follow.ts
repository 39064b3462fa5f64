import { setTimeout as wait } from "node:timers/promises";
import { SingleBar } from "cli-progress";
import type { Api } from "./api.ts";

/** Between looks, in milliseconds. */
const lookEvery = 500;

export interface RunView {
  readonly id: string;
  readonly state: string;
  readonly step: { readonly number: number; readonly name: string };
  readonly targets: Readonly<Record<string, number>>;
  readonly throughput: { readonly finished: number; readonly targetsPerSecond: number };
  readonly etaSeconds?: number;
  readonly elapsedSeconds: number;
  readonly failure?: { readonly code: string; readonly message: string; readonly help: string };
}

/** The numbered flow from where the caller's part ends; a run goes through all of it, seen or not. */
const flow: readonly (readonly [number: number, name: string])[] = [
  [3, "enqueueing one message per target, in a subscription of the run's own"],
  [4, "launching the workers"],
  [5, "workers read the secrets from the Key Vault, with their own identity"],
  [6, "workers take messages from the subscription"],
  [7, "and update the databases in parallel"],
  [8, "logs go to Blob and are consolidated; job and subscription are deleted"],
  [9, "status was fanned in from Event Hubs; the run has ended"],
];

/** Polls as a pipeline does, telling each step once, with a bar where there is a terminal. */
export async function follow(api: Api, runId: string, write: (line: string) => void): Promise<RunView> {
  const bar = createBar();
  let told = 0;
  for (;;) {
    const { status, body } = await api.get(`/runs/${runId}`);
    const run = body as unknown as RunView;
    const isUnderWay = run.step.number <= 7;
    if (!isUnderWay) bar.show(run);
    for (const [number, name] of flow.filter(([number]) => number > told && number <= run.step.number)) {
      bar.pause();
      write(`  ${number}. ${name}`);
      told = number;
    }
    if (isUnderWay) bar.show(run);
    if (status === 200) {
      bar.pause();
      return run;
    }
    await wait(lookEvery);
  }
}

interface Bar {
  show(run: RunView): void;
  /** Leaves the bar as it is, so that a line can be written. */
  pause(): void;
}

function createBar(): Bar {
  const bar = new SingleBar({
    format: "  [{bar}] {value}/{total} · {rate}/s · ETA {left} s · {failed} failed",
    hideCursor: true,
    noTTYOutput: false,
  });
  let showing = false;
  const pause = (): void => {
    if (showing) bar.stop();
    showing = false;
  };
  return {
    show: (run) => {
      const { total = 0, committed = 0, queued = 0, running = 0 } = run.targets;
      const { finished, targetsPerSecond } = run.throughput;
      const facts = {
        rate: targetsPerSecond,
        left: run.etaSeconds ?? "–",
        failed: total - committed - queued - running,
      };
      if (showing) bar.update(finished, facts);
      else if (run.state === "running") {
        showing = true;
        bar.start(total, finished, facts);
      }
    },
    pause,
  };
}
