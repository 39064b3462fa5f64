import { fileURLToPath } from "node:url";
import { toProcessEnvironment } from "../../local/node-environment.ts";
import { parseServerAddress } from "../../model/targets/server-address.ts";
import { preparePackage } from "../../worker/apply/prepare-package.ts";
import type { LoadedRun } from "../../worker/load-run.ts";
import type { Answer } from "../measure/meter.ts";
import type { Stage } from "../stage/open-stage.ts";
import { runChild } from "../stage/run-child.ts";
import type { RawLogin } from "./apply-raw.ts";
import type { RawJob } from "./child.ts";

/** The raw driver over the same databases, in a process of its own. @param resume TLS sessions, as the worker does */
export function runRaw(stage: Stage, release: LoadedRun, targets: number, resume = false): Promise<Answer> {
  const module = fileURLToPath(new URL("child.ts", import.meta.url));
  const job: RawJob = { ...toJob(stage, release, targets), resume };
  return runChild(module, toProcessEnvironment(stage.parts.caFile), job);
}

function toJob(stage: Stage, { plan, content }: LoadedRun, targets: number): Omit<RawJob, "resume"> {
  return {
    slots: plan.concurrency.limit,
    batches: preparePackage(content, plan).flatMap(({ batches }) =>
      batches.flatMap(({ text, count }) => Array.from({ length: count }, () => text)),
    ),
    logins: Array.from({ length: targets }, (_, index) => toLogin(stage, index)),
  };
}

function toLogin({ databases, parts }: Stage, index: number): RawLogin {
  const { server, name } = databases[index % databases.length] ?? { server: "", name: "" };
  const address = parseServerAddress(server);
  if (!address.ok) throw new Error(`'${server}' is no server's address.`);
  const { host, port, instance } = address.value;
  const { user, password } = parts.databases.login;
  return { host, port, instance, database: name, user, password };
}
