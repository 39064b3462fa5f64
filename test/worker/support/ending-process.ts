import { setTimeout as wait } from "node:timers/promises";
import { toRunId } from "../../../model/ids.ts";
import { listenForEnd } from "../../../worker/listen-for-end.ts";
import { createWorkerLog } from "../../../worker/log.ts";

/** A process with work in hand that is ended in the way its argument says. */
const runId = toRunId(new Date(), "abcdef");
const log = createWorkerLog({ level: "info", runId, workerId: "worker-1" });
const { shutdown, isBroken } = listenForEnd(log);
const how = process.argv[2] ?? "";
const error = Object.assign(new Error("a link broke"), { config: { password: "canary" } });

setTimeout(() => {
  if (how === "throw") throw error;
  if (how === "reject") void Promise.reject(error);
  else process.kill(process.pid, how);
}, 10);
while (!shutdown.aborted) await wait(10);
await wait(50);
process.stdout.write(`finished, broken: ${String(isBroken())}\n`);
log.ended({ exitCode: 0, succeeded: 1, failed: 0 });
process.exit();
