import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import {
  type Account,
  type BatchNode,
  type FailureInfo,
  now,
  numberAt,
  type Pool,
  recordAt,
  textAt,
} from "./account.ts";
import { splitCommandLine } from "./command-line.ts";
import { toEnvironmentSettings, toNodeEnvironment } from "./environment.ts";

/** Runs the pool's start task on a node. False = it failed and the pool waits for its success. */
export async function runStartTask(account: Account, pool: Pool, node: BatchNode): Promise<boolean> {
  const startTask = recordAt(pool.given, "startTask");
  const folder = join(node.folder, "startup", "wd");
  await mkdir(folder, { recursive: true });
  const [file = "", ...args] = splitCommandLine(textAt(startTask, "commandLine") ?? "");
  const env = {
    ...toNodeEnvironment(account, node),
    ...toEnvironmentSettings(startTask),
    AZ_BATCH_TASK_DIR: join(node.folder, "startup"),
    AZ_BATCH_TASK_WORKING_DIR: folder,
  };
  const stdout = join(node.folder, "startup", "stdout.txt");
  const stderr = join(node.folder, "startup", "stderr.txt");
  const attempts = 1 + (numberAt(startTask, "maxTaskRetryCount") ?? 0);
  const startedAt = now(account);
  for (let attempt = 1; attempt <= attempts; attempt += 1) {
    const order = { key: `start-task-${attempt}`, file, args, env, folder, stdout, stderr };
    const process = await node.host?.agent.start(order).catch(() => undefined);
    const exitCode = await process?.ended;
    const times = { startedAt, endedAt: now(account), retries: attempt - 1 };
    node.startTask = { ...times, ...toOutcome(exitCode) };
    if (exitCode === 0) return true;
  }
  return startTask["waitForSuccess"] === false;
}

function toOutcome(
  exitCode: number | undefined,
): Pick<NonNullable<BatchNode["startTask"]>, "exitCode" | "failure"> {
  if (exitCode === 0) return { exitCode };
  const failure: FailureInfo =
    exitCode === undefined
      ? {
          category: "usererror",
          code: "CommandProgramNotFound",
          message: "The specified command program is not found",
        }
      : {
          category: "usererror",
          code: "FailureExitCode",
          message: "The task exited with an exit code representing a failure",
        };
  return { failure, ...(exitCode !== undefined && { exitCode }) };
}
