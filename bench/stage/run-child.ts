import { startChild } from "../../local/child.ts";
import type { Answer } from "../measure/meter.ts";

/** Gives a job to a process of its own, made for it, and waits for the answer. @throws Error why it could not */
export async function runChild(
  module: string,
  env: Readonly<Record<string, string>>,
  job: object,
): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer | { readonly failed: string }>();
  const child = await startChild({
    ...{ module, env },
    onMessage: (message) => {
      resolve(message as Answer);
    },
    onUnexpectedExit: (reason) => {
      reject(new Error(`It ended: ${reason}`));
    },
  });
  try {
    child.send(job);
    const answer = await promise;
    if ("failed" in answer) throw new Error(answer.failed);
    return answer;
  } finally {
    await child.stop();
  }
}
