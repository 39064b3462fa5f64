import { preparePackage } from "./apply/prepare-package.ts";
import { createConnect } from "./apply/sql/connect.ts";
import { type ExitCode, toExitCode } from "./exit-code.ts";
import { createGate } from "./gate/create-gate.ts";
import { receiveUntilOver } from "./receive/receive-until-over.ts";
import { finish } from "./stop.ts";
import type { StopReason, TargetWork } from "./work-on-target.ts";
import type { Worker } from "./worker.ts";

/** A worker's life: receive → gate → apply → report, until the run is over or somebody says stop. */
export async function run(worker: Worker): Promise<ExitCode> {
  const { plan, content } = worker.run;
  const scripts = preparePackage(content, plan);
  const gate = createGate(plan.concurrency);
  const stop = new AbortController();
  const connect = createConnect((host, error) => {
    worker.log.tlsNotResumed(host, error);
  });
  const work: TargetWork = {
    apply: { connect, ...worker, plan, scripts, manifest: content.manifest },
    reporter: worker,
    stop: stop.signal,
  };
  worker.log.started({ slots: gate.slots, packageName: plan.package.name, scripts: scripts.length });

  const { reason, tally } = await receiveUntilOver(worker, gate, work);
  worker.log.stopping(reason, gate.inFlight);
  await finish(worker, gate, reason, (why: StopReason) => {
    stop.abort(why);
  });
  const exitCode = toExitCode(tally, reason);
  worker.log.ended({ exitCode, ...tally });
  return exitCode;
}
