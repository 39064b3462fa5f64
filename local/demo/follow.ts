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

/** Polls as a pipeline does, telling each step once, with a bar where there is a terminal. */
export async function follow(api: Api, runId: string, write: (line: string) => void): Promise<RunView> {
  const bar = createBar();
  let step = "";
  for (;;) {
    const { status, body } = await api.get(`/runs/${runId}`);
    const run = body as unknown as RunView;
    if (run.step.name !== step) {
      step = run.step.name;
      bar.pause();
      write(`  ${run.step.number}. ${step}`);
    }
    bar.show(run);
    if (status === 200) {
      bar.stop();
      return run;
    }
    await wait(lookEvery);
  }
}

interface Bar {
  show(run: RunView): void;
  pause(): void;
  stop(): void;
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
    stop: pause,
  };
}
