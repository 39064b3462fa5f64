import { fileURLToPath } from "node:url";
import { startChild } from "../../local/child.ts";
import { parseServerAddress } from "../../model/targets/server-address.ts";
import type { LoadedRun } from "../../worker/load-run.ts";
import { preparePackage } from "../../worker/apply/prepare-package.ts";
import { toProcessEnvironment } from "../../local/node-environment.ts";
import type { Stage } from "../stage/open-stage.ts";
import type { RawLogin } from "./apply-raw.ts";
import type { RawAnswer, RawJob } from "./child.ts";

/** The raw driver over the same databases in a process of its own. @returns when each was done */
export async function runRaw(stage: Stage, release: LoadedRun, targets: number): Promise<readonly number[]> {
  const { promise, resolve, reject } = Promise.withResolvers<RawAnswer>();
  const child = await startChild({
    module: fileURLToPath(new URL("child.ts", import.meta.url)),
    env: toProcessEnvironment(stage.parts.caFile),
    onMessage: (message) => {
      resolve(message as RawAnswer);
    },
    onUnexpectedExit: (reason) => {
      reject(new Error(`The raw side ended: ${reason}`));
    },
  });
  try {
    child.send(toJob(stage, release, targets));
    const answer = await promise;
    if ("failed" in answer) throw new Error(`The raw side failed: ${answer.failed}`);
    return answer.ends;
  } finally {
    await child.stop();
  }
}

function toJob(stage: Stage, { plan, content }: LoadedRun, targets: number): RawJob {
  return {
    slots: plan.concurrency.limit,
    batches: preparePackage(content, plan).flatMap(({ batches }) =>
      batches.flatMap(({ text, count }) => Array.from({ length: count }, () => text)),
    ),
    logins: Array.from({ length: targets }, (_, index) => toLogin(stage, index)),
  };
}

function toLogin({ databases, secrets }: Stage, index: number): RawLogin {
  const { server, name } = databases[index % databases.length] ?? { server: "", name: "" };
  const address = parseServerAddress(server);
  if (!address.ok) throw new Error(`'${server}' is no server's address.`);
  const { host, port, instance } = address.value;
  return { host, port, instance, database: name, user: secrets.UserName, password: secrets.Password };
}
